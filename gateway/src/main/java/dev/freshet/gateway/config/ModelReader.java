package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Retry;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Reads `models`.
final class ModelReader {
    private static final List<String> KINDS = List.of("text", "image", "file", "audio");

    private final Section section;
    private final Map<String, Provider> providers;
    private final Set<String> guardNames;

    ModelReader(Section section, Map<String, Provider> providers, Set<String> guardNames) {
        this.section = section;
        this.providers = providers;
        this.guardNames = new TreeSet<>(guardNames);
    }

    Map<String, Model> models() {
        return ConfigReader.named(section, this::model);
    }

    private Model model(String name, Section entry) {
        List<Target> targets = new ArrayList<>();
        for (Section target : entry.sections("targets")) targets.add(target(target));
        if (targets.isEmpty())
            throw entry.error("expected `targets` with at least one: [{provider: NAME, model: NAME}]");
        Timeouts timeouts = timeouts(entry.section("timeouts"), targets.size() > 1);
        List<String> guards = entry.strings("guards");
        for (String guard : guards) {
            if (!guardNames.contains(guard))
                throw entry.errorAt(
                        "guards", "there is no guard `" + guard + "`; there are: " + String.join(", ", guardNames));
        }
        Retry retry = retry(entry.section("retry"));
        boolean continues =
                entry.choice("continue", "never", "never", "prefill").equals("prefill");
        if (continues && targets.stream().allMatch(t -> t.provider().prefill() == null)) {
            throw entry.errorAt(
                    "continue",
                    "none of its providers says how it continues an answer; add `prefill: {field: …}` to one of them");
        }
        List<String> takes = takes(entry);
        entry.end();
        return new Model(name, targets, timeouts, retry, continues, guards, takes);
    }

    private static List<String> takes(Section entry) {
        List<String> takes = entry.strings("takes");
        for (String one : takes) {
            if (!KINDS.contains(one))
                throw entry.errorAt(
                        "takes", "expected some of " + String.join(", ", KINDS) + ", and not `" + one + "`");
        }
        return takes;
    }

    private Target target(Section entry) {
        String name = entry.required("provider");
        Provider provider = providers.get(name);
        if (provider == null) {
            throw entry.errorAt(
                    "provider",
                    "there is no provider `" + name + "`; there are: " + String.join(", ", providers.keySet()));
        }
        double weight = entry.number("weight", 0);
        if (entry.has("weight") && weight <= 0) throw entry.errorAt("weight", "expected a number over 0");
        Target target = new Target(
                provider,
                entry.optional("model").orElse(null),
                members(entry),
                entry.strings("drop"),
                renames(entry),
                weight);
        if (target.drop().contains("model")
                || target.rename().containsKey("model")
                || target.set().containsKey("model")) {
            throw entry.error("`model` is not dropped, renamed or set; use the target's own `model`");
        }
        entry.end();
        return target;
    }

    private static Map<String, String> members(Section entry) {
        Section set = entry.section("set");
        Map<String, String> members = new LinkedHashMap<>();
        for (String key : set.keys()) members.put(key, set.json(key));
        return members;
    }

    private static Map<String, String> renames(Section entry) {
        Section rename = entry.section("rename");
        Map<String, String> renames = new LinkedHashMap<>();
        for (String key : rename.keys()) renames.put(key, rename.required(key));
        return renames;
    }

    private static Timeouts timeouts(Section section, boolean alternatives) {
        Timeouts otherwise = alternatives
                ? Timeouts.DEFAULT.withFirstToken(Timeouts.FIRST_TOKEN_WITH_ALTERNATIVE)
                : Timeouts.DEFAULT;
        Timeouts timeouts = new Timeouts(
                limit(section, "connect", otherwise.connect()),
                limit(section, "first_token", otherwise.firstToken()),
                limit(section, "idle", otherwise.idle()),
                limit(section, "total", otherwise.total()));
        section.end();
        return timeouts;
    }

    private static Duration limit(Section section, String key, Duration otherwise) {
        Duration limit = section.duration(key, otherwise);
        if (limit.isZero())
            throw section.errorAt(key, "a limit of 0 would fail everything; give a time, 24h for a long one");
        return limit;
    }

    private static Retry retry(Section section) {
        Retry otherwise = Retry.DEFAULT;
        Retry retry = new Retry(
                section.count("attempts", otherwise.attempts()),
                section.duration("base", otherwise.base()),
                section.duration("max", otherwise.max()));
        if (retry.attempts() < 1) throw section.errorAt("attempts", "expected at least 1, which asks once");
        section.end();
        return retry;
    }
}
