declare const markdownIt: (options: object) => any; export default markdownIt;
