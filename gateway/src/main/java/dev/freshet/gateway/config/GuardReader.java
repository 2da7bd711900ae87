package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Check;
import dev.freshet.gateway.guard.Confidence;
import dev.freshet.gateway.guard.Contains;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.GuardException;
import dev.freshet.gateway.guard.Json;
import dev.freshet.gateway.guard.Judge;
import dev.freshet.gateway.guard.Language;
import dev.freshet.gateway.guard.Matches;
import dev.freshet.gateway.guard.MustStartWith;
import dev.freshet.gateway.guard.OpensWith;
import dev.freshet.gateway.guard.Patterns;
import dev.freshet.gateway.guard.Phrases;
import dev.freshet.gateway.guard.Repeat;
import dev.freshet.gateway.guard.Rule;
import dev.freshet.gateway.guard.Schema;
import dev.freshet.gateway.guard.Spend;
import dev.freshet.gateway.model.Channel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads one guard: the operator's, or a request's own, which may do less.
final class GuardReader {
    private static final int MOST_STEPS = 1_000;
    private static final int MOST_STEPS_OF_A_REQUEST = 250;
    private static final int MOST_RULES = 200;
    private static final int MOST_RULES_OF_A_REQUEST = 16;
    private static final int MOST_PHRASES_OF_A_REQUEST = 1_000;
    private static final int MOST_HOLD = 100_000;
    private static final int MOST_APPENDED = 16 << 10;

    private static final String REQUEST = "request";
    private static final List<String> DETECTORS = List.of(
            "contains",
            "matches",
            "opens_with",
            "must_start_with",
            "language",
            "repeat",
            "json",
            "secrets",
            "personal_data",
            "spend",
            "confidence",
            "judge");
    /// Members of a request that are not a cure's to set.
    private static final List<String> FIXED = List.of("model", "messages", "stream", "stream_options", "n", "freshet");

    private final @Nullable Path folder; // null for a request's own
    private final Set<String> ids = new HashSet<>();
    private int stepsLeft = MOST_STEPS_OF_A_REQUEST;
    private int phrasesLeft = MOST_PHRASES_OF_A_REQUEST;

    /// @param folder that schemas lie in; null for a request's own guard
    GuardReader(@Nullable Path folder) {
        this.folder = folder;
    }

    Guard guard(String name, Section entry) {
        Set<Channel> channels =
                channels(entry.choice("channel", "visible", "visible", "reasoning", "tool_arguments", "all"));
        return guard(name, entry, channels, "stop_when");
    }

    /// What a request brings: `{add: [rules], hold, then}`.
    Guard ofRequest(Section entry) {
        return guard(REQUEST, entry, EnumSet.of(Channel.VISIBLE), "add");
    }

    private Guard guard(String name, Section entry, Set<Channel> channels, String rulesKey) {
        List<Rule> rules = new ArrayList<>();
        List<Spend> spends = new ArrayList<>();
        List<Confidence> confidences = new ArrayList<>();
        List<Judge> judges = new ArrayList<>();
        List<Section> sections = entry.sections(rulesKey);
        int most = folder == null ? MOST_RULES_OF_A_REQUEST : MOST_RULES;
        if (sections.isEmpty() || sections.size() > most)
            throw entry.errorAt(rulesKey, "expected `" + rulesKey + "` with 1 to " + most + " rules");
        for (Section rule : sections) {
            String detector = detector(rule);
            String id = id(rule, detector);
            switch (detector) {
                case "spend" -> spends.add(SpecialRules.spend(id, rule.section(detector)));
                case "confidence" -> confidences.add(SpecialRules.confidence(id, rule.section(detector)));
                case "judge" -> judges.add(SpecialRules.judge(id, rule.section(detector)));
                default -> {
                    Check check = guarded(rule, detector, () -> check(rule, detector));
                    rules.add(new Rule(id, check, bounds(rule, detector)));
                }
            }
            rule.end();
        }
        Guard guard = new Guard(
                name,
                folder != null,
                channels,
                hold(entry),
                List.copyOf(rules),
                List.copyOf(spends),
                List.copyOf(confidences),
                List.copyOf(judges),
                then(entry),
                folder == null ? null : audit(entry));
        entry.end();
        return guard;
    }

    private static Set<Channel> channels(String word) {
        return switch (word) {
            case "visible" -> EnumSet.of(Channel.VISIBLE);
            case "reasoning" -> EnumSet.of(Channel.REASONING);
            case "tool_arguments" -> EnumSet.of(Channel.TOOL_ARGUMENTS);
            default -> EnumSet.allOf(Channel.class);
        };
    }

    private static Guard.@Nullable Hold hold(Section entry) {
        if (!entry.has("hold")) return null;
        Section hold = entry.section("hold");
        int tokens = hold.count("tokens", Integer.MAX_VALUE);
        Duration time = hold.has("time") ? hold.duration("time", Duration.ZERO) : null;
        hold.end();
        if (time == null && tokens == Integer.MAX_VALUE)
            throw entry.errorAt("hold", "expected tokens, a time, or both: {tokens: 50, time: 900ms}");
        if (tokens == 0 || (tokens > MOST_HOLD && tokens != Integer.MAX_VALUE))
            throw hold.errorAt("tokens", "expected 1 to " + MOST_HOLD);
        return new Guard.Hold(tokens, time);
    }

    /// A request brings none: what it finds out is the operator's, and so is what it costs.
    private static Guard.@Nullable Audit audit(Section entry) {
        if (!entry.has("audit")) return null;
        Section audit = entry.section("audit");
        double holdout = audit.parsed("holdout", 0.0, Units::share, "a share like 5%, above 0% and at most 100%");
        if (!audit.has("holdout")) throw audit.error("expected `holdout`, the share of stops that run on: 5%");
        boolean refuses =
                audit.choice("below_break_even", "report", "report", "refuse").equals("refuse");
        audit.end();
        return new Guard.Audit(holdout, refuses);
    }

    private static String detector(Section entry) {
        List<String> named = DETECTORS.stream().filter(entry::has).toList();
        if (named.size() != 1)
            throw entry.error("expected one of " + String.join(", ", DETECTORS) + " in each rule; this one has "
                    + (named.isEmpty() ? "none" : String.join(" and ", named)));
        return named.getFirst();
    }

    private String id(Section entry, String detector) {
        String id = entry.string("id", detector);
        if (!ids.add(id)) throw entry.error("there are two rules with the id `" + id + "`; give one another");
        return id;
    }

    private static <T> T guarded(Section entry, String key, Supplier<T> made) {
        try {
            return made.get();
        } catch (GuardException e) {
            throw entry.errorAt(key, "`" + key + "`: " + e.getMessage());
        }
    }

    private Check check(Section entry, String detector) {
        return switch (detector) {
            case "contains" -> new Contains(counted(entry.stringOrStrings("contains")));
            case "matches" -> matches(entry);
            case "opens_with" -> opensWith(entry.section("opens_with"));
            case "must_start_with" -> new MustStartWith(entry.stringOrStrings("must_start_with"));
            case "language" -> language(entry.section("language"));
            case "repeat" -> repeat(entry.section("repeat"));
            case "secrets" -> Patterns.secrets(entry.stringOrStrings("secrets"));
            case "personal_data" -> Patterns.personalData(entry.stringOrStrings("personal_data"));
            default -> json(entry.section("json"));
        };
    }

    private List<String> counted(List<String> phrases) {
        if (folder != null) return phrases;
        phrasesLeft -= phrases.size();
        if (phrasesLeft < 0)
            throw new GuardException("a request brings at most " + MOST_PHRASES_OF_A_REQUEST
                    + " phrases; more belong into the gateway's configuration");
        return phrases;
    }

    private Check matches(Section entry) {
        Matches matches = new Matches(entry.required("matches"), folder == null ? stepsLeft : MOST_STEPS);
        stepsLeft -= matches.steps();
        return matches;
    }

    private Check opensWith(Section section) {
        String list = section.optional("list").orElse(null);
        List<String> phrases = new ArrayList<>(counted(section.stringOrStrings("phrases")));
        if (list != null) phrases.addAll(Phrases.list(list));
        int within = section.count("within_chars", 0);
        section.end();
        if (phrases.isEmpty()) throw section.error("expected `list: refusals`, or `phrases: [a, b]`");
        return new OpensWith(phrases, within);
    }

    private static Check language(Section section) {
        List<String> expect = section.stringOrStrings("expect");
        int minChars = section.count("min_chars", Language.USUAL_MIN_CHARS);
        section.end();
        return new Language(expect, minChars);
    }

    private static Check repeat(Section section) {
        int copies = section.count("copies", Repeat.USUAL_COPIES);
        int span = section.count("span", Repeat.USUAL_SPAN);
        section.end();
        return new Repeat(copies, span);
    }

    private Check json(Section section) {
        Schema schema = section.has("schema") ? schema(section) : null;
        boolean fences = section.choice("fences", "allow", "allow", "forbid").equals("allow");
        section.end();
        return new Json(schema, fences);
    }

    private Schema schema(Section section) {
        if (section.hasMapping("schema")) return new Schema(section.json("schema"));
        if (folder == null) throw new GuardException("a request's schema stands in the request, and names no file");
        Path file = folder.resolve(section.required("schema"));
        try {
            return new Schema(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw section.errorAt(
                    "schema",
                    file.toAbsolutePath() + " cannot be read (" + e.getMessage()
                            + "); name a readable file, relative to the configuration's folder");
        } catch (GuardException e) {
            throw new GuardException(file + ": " + e.getMessage());
        }
    }

    private static Rule.Bounds bounds(Section entry, String detector) {
        List<String> keys = List.of("after_chars", "within_chars", "within_tokens");
        boolean whole =
                List.of("must_start_with", "json", "opens_with", "judge").contains(detector);
        for (String key : keys) {
            if (whole && entry.has(key))
                throw entry.errorAt(key, "`" + detector + "` is about the text's beginning; leave `" + key + "` out");
        }
        return new Rule.Bounds(
                entry.count("after_chars", 0), bound(entry, "within_chars"), bound(entry, "within_tokens"));
    }

    private static int bound(Section entry, String key) {
        int bound = entry.count(key, Integer.MAX_VALUE);
        if (bound == 0) throw entry.errorAt(key, "expected at least 1");
        return bound;
    }

    private Guard.Then then(Section entry) {
        Section then = entry.section("then");
        Guard.Then usual = Guard.Then.USUAL;
        Guard.Cure retry = then.has("retry") ? cure(then.section("retry")) : null;
        Guard.Action otherwise = action(then, "otherwise", usual.otherwise());
        Guard.Action after = action(then, "after_release", usual.afterRelease());
        then.end();
        return new Guard.Then(retry, otherwise, after);
    }

    private static Guard.Action action(Section section, String key, Guard.Action otherwise) {
        return section.parsed(
                key,
                otherwise,
                text -> switch (text) {
                    case "fail" -> Optional.of(Guard.Action.FAIL);
                    case "truncate" -> Optional.of(Guard.Action.TRUNCATE);
                    case "pass" -> Optional.of(Guard.Action.PASS);
                    default -> Optional.empty();
                },
                "one of fail, truncate, pass");
    }

    private static Guard.Cure cure(Section section) {
        String append = section.optional("append").orElse(null);
        if (append != null && (append.isBlank() || append.length() > MOST_APPENDED))
            throw section.errorAt("append", "expected a message of 1 to " + MOST_APPENDED + " characters");
        Section set = section.section("set");
        Map<String, String> members = new LinkedHashMap<>();
        for (String key : set.keys()) {
            if (FIXED.contains(key))
                throw set.errorAt(key, "`" + key + "` is not set by a retry; it has `append` and `model`");
            members.put(key, set.json(key));
        }
        String model = section.optional("model").orElse(null);
        section.end();
        return new Guard.Cure(append, members, model);
    }
}
