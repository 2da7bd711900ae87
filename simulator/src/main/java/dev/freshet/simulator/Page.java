package dev.freshet.simulator;

import java.net.URI;

/// The page that tells a person what the simulator can do.
final class Page {
    private static final String TOP = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Freshet's simulated provider</title>
            <style>
            :root { color-scheme: light dark }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
            table { border-collapse: collapse; width: 100% }
            td, th { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top }
            td:first-child { font-variant-numeric: tabular-nums }
            pre { overflow-x: auto; padding: .75rem 1rem; background: #8882; border-radius: .4rem }
            </style>
            <h1>Freshet's simulated provider</h1>
            <p>It speaks OpenAI's chat API, needs no key, costs nothing, and misbehaves on request: the model's name picks
            the fault. Point your client here, and see what it makes of them.</p>
            """;

    private Page() {}

    static String of(Simulator simulator) {
        StringBuilder page = new StringBuilder(TOP);
        page.append("<pre>curl -N ")
                .append(simulator.baseUri())
                .append("/chat/completions -d '{\"model\": \"stall-after-5\",");
        page.append(" \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'</pre>\n");
        page.append("<h2>Models that answer</h2>\n<table>\n");
        for (String name : simulator.names())
            row(page, "", code(name), name.equals(Models.DEMO) ? "sensible answers" : "a script");
        row(page, "", code("tokens-N"), "the tokens 1 to N; <code>tokens-N-at-R</code>: R of them a second");
        row(
                page,
                "",
                code("abort-stops") + " " + code("abort-goes-on") + " " + code("abort-bills"),
                "what a provider may do when its client leaves: <code>/metrics</code> and <code>/user/balance</code> show it");
        page.append("</table>\n<h2>Models that misbehave</h2>\n<table>\n<tr><th>#<th>model<th>what it does\n");
        for (Fault fault : Simulator.faults()) {
            row(
                    page,
                    String.valueOf(fault.row()),
                    code(fault.name()) + " " + code(fault.alias()),
                    marked(fault.what()));
        }
        page.append("</table>\n");
        if (!simulator.addresses().isEmpty()) addresses(page, simulator);
        return page.append("</html>\n").toString();
    }

    private static void addresses(StringBuilder page, Simulator simulator) {
        page.append("<h2>Addresses where connecting fails</h2>\n<table>\n");
        for (FaultAddress address : simulator.addresses()) {
            row(page, String.valueOf(address.row()), code(address.base().toString()), escaped(address.what()));
        }
        URI tls = simulator.tlsUri();
        page.append("</table>\n<p>Over TLS all models are at ").append(code(tls.toString()));
        page.append("; the authority to trust there is <a href=\"/ca.pem\">ca.pem</a>.</p>\n");
    }

    private static void row(StringBuilder page, String number, String model, String what) {
        page.append("<tr><td>")
                .append(number)
                .append("<td>")
                .append(model)
                .append("<td>")
                .append(what)
                .append('\n');
    }

    private static String code(String text) {
        return "<code>" + escaped(text) + "</code>";
    }

    /// Text in which backquotes mark code.
    private static String marked(String text) {
        return escaped(text).replaceAll("`([^`]*)`", "<code>$1</code>");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
