declare const temml: { renderToString(tex: string, options: object): string }; export default temml;
