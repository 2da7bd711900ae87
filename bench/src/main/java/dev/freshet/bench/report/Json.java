package dev.freshet.bench.report;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/// The figures as JSON: the machine, the targets, and each figure's median and rounds.
public final class Json {
    private Json() {}

    /// As text.
    public static String of(Results results, Machine machine, long lost) {
        StringWriter text = new StringWriter();
        ObjectWriteContext pretty = new ObjectWriteContext.Base() {
            @Override
            public DefaultPrettyPrinter getPrettyPrinter() {
                return new DefaultPrettyPrinter();
            }

            @Override
            public boolean hasPrettyPrinter() {
                return true;
            }
        };
        try (JsonGenerator json = new JsonFactory().createGenerator(pretty, text)) {
            json.writeStartObject();
            machine(json, machine);
            json.writeNumberProperty("tokens_lost", lost);
            targets(json, results);
            figures(json, results);
            json.writeEndObject();
        }
        return text + "\n";
    }

    private static void machine(JsonGenerator json, Machine machine) {
        json.writeObjectPropertyStart("machine");
        json.writeStringProperty("date", machine.date());
        json.writeStringProperty("cpu", machine.cpu());
        json.writeNumberProperty("cores", machine.cores());
        json.writeStringProperty("kernel", machine.kernel());
        json.writeStringProperty("jdk", machine.jdk());
        json.writeStringProperty("nginx", machine.nginx());
        json.writeEndObject();
    }

    private static void targets(JsonGenerator json, Results results) {
        json.writeArrayPropertyStart("targets");
        for (Target target : results.comparison().targets()) {
            if (Double.isNaN(target.reached(results))) continue;
            json.writeStartObject();
            json.writeStringProperty("target", target.text());
            json.writeStringProperty("load", name(target.load()));
            json.writeStringProperty("kind", name(target.kind()));
            json.writeNumberProperty("at_most", target.most());
            json.writeNumberProperty("reached", rounded(target.reached(results)));
            json.writeBooleanProperty("tells", target.tells(results));
            json.writeBooleanProperty("passed", target.passed(results));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void figures(JsonGenerator json, Results results) {
        json.writeArrayPropertyStart("figures");
        for (Map.Entry<Results.Key, List<Double>> figure : results.rounds().entrySet()) {
            Results.Key key = figure.getKey();
            json.writeStartObject();
            json.writeStringProperty("contender", key.contender());
            json.writeStringProperty("load", name(key.load()));
            json.writeStringProperty("figure", name(key.metric()));
            json.writeStringProperty("unit", key.metric().unit());
            json.writeNumberProperty("median", rounded(results.median(key.contender(), key.load(), key.metric())));
            json.writeArrayPropertyStart("rounds");
            for (double round : figure.getValue()) json.writeNumber(rounded(round));
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
