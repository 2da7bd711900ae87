package dev.freshet.gateway.guard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The small words of the languages in Latin letters: articles, pronouns, prepositions, the commonest verbs. A
/// word that several languages share counts for each of them.
final class SmallWords {
    /// Characters of the longest one.
    static final int LONGEST = 10;

    private static final Map<String, String> OF = Map.of(
            "en",
            "the of and to is are was were that this it for with as be by from or have has not you your can will"
                    + " would should their which when what there if they we our more about into i an at on but so do"
                    + " does how its these than then also may use using",
            "de",
            "der die das und ist sind war ein eine einen einem einer eines nicht mit auf für von zu zum zur dem den"
                    + " des im es sie ich wir ihr er als auch an bei nach wie oder aber wenn dass man kann wird werden"
                    + " hat haben sich so nur noch über aus um durch können sollten sehr mehr ihre ihren ihnen diese"
                    + " dieser dieses bitte gibt sein",
            "fr",
            "le la les un une des du de et est sont était dans que qui pour pas sur avec ce cette ces il elle nous"
                    + " vous ils elles on au aux par plus ne se sa son ses leur mais ou où comme être avoir fait peut"
                    + " peuvent votre vos tout très aussi sans à y en",
            "es",
            "el la los las un una unos unas de del y es son era en que por para con no se su sus al lo como más pero"
                    + " o si este esta estos estas hay puede pueden ser tiene tienen muy también cuando donde sobre"
                    + " entre sin ya le les nos usted a",
            "it",
            "il lo la i gli le un una uno di del della dei delle e è sono era in che per con non si su al alla come"
                    + " più ma o se questo questa questi queste ci può possono essere ha hanno molto anche quando dove"
                    + " tra nel nella dal dalla da",
            "pt",
            "o a os as um uma de do da dos das e é são era em no na nos nas que por para com não se seu sua ao como"
                    + " mais mas ou este esta isso há pode podem ser tem muito também quando onde sobre entre sem já"
                    + " você pelo pela",
            "nl",
            "de het een en is zijn was van in op te dat die voor met niet aan er om ook als bij maar of uit naar"
                    + " dan ze je we ik hij wij kan kunnen wordt worden heeft hebben dit deze door over meer nog wel"
                    + " zo uw zal tot");

    private static final Map<String, List<String>> LANGUAGES = languages();

    private SmallWords() {}

    private static Map<String, List<String>> languages() {
        Map<String, List<String>> languages = new HashMap<>();
        OF.forEach((language, words) -> {
            for (String word : words.split(" ", -1))
                languages.computeIfAbsent(word, _ -> new ArrayList<>(2)).add(language);
        });
        return languages;
    }

    /// The languages that have a word, in small letters, among theirs.
    static List<String> languages(String word) {
        return LANGUAGES.getOrDefault(word, List.of());
    }
}
