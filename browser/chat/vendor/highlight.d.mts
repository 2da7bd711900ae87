declare const hljs: { getLanguage(name: string): object | undefined; highlight(code: string, options: object): { value: string } }; export default hljs;
