package dev.freshet.gateway.guard;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Answers in seven languages, made of sentences that were written for this: in order, of random choice, with
/// the numbers, names, lists and code that answers have. The same seed gives the same texts.
final class Corpus {
    static final List<String> LANGUAGES = List.of("en", "de", "fr", "es", "zh", "ja", "ar");

    private static final Map<String, List<String>> SENTENCES = Map.of(
            "en",
                    List.of(
                            "The train to the coast leaves at {time} and arrives a little after noon.",
                            "You can return the item within 30 days if it has not been used.",
                            "Your order {order} was shipped on {date} and should reach you this week.",
                            "First, heat the oven to 180 degrees and line a tray with paper.",
                            "The function returns the number of items that were found, or zero.",
                            "Most of the water in the river comes from melting snow in spring.",
                            "If you prefer a quieter place, the old library by the market is open until eight.",
                            "Version {version} of the program fixes the error that you describe.",
                            "The total is {price}, which includes the delivery and all taxes.",
                            "She wrote three novels before she was thirty, and none of them sold well.",
                            "Please check the cable before you restart the router.",
                            "In short, both plans cover the same services, but the second one costs less each month.",
                            "The contract ends by itself after twelve months, so you do not have to cancel it.",
                            "There are two ways to solve this equation, and the shorter one begins with a substitution.",
                            "The file with the checksum {hash} is the one that we tested.",
                            "It took them a week to cross the mountains with their animals."),
            "de",
                    List.of(
                            "Der Zug an die Küste fährt um {time} ab und kommt kurz nach Mittag an.",
                            "Sie können die Ware innerhalb von 30 Tagen zurückgeben, wenn sie nicht benutzt wurde.",
                            "Ihre Bestellung {order} wurde am {date} verschickt und sollte diese Woche ankommen.",
                            "Heizen Sie zuerst den Ofen auf 180 Grad und legen Sie ein Blech mit Papier aus.",
                            "Die Funktion gibt die Zahl der gefundenen Einträge zurück, sonst null.",
                            "Das meiste Wasser des Flusses kommt im Frühjahr von der Schneeschmelze.",
                            "Wenn du es ruhiger magst, hat die alte Bücherei am Markt bis acht Uhr geöffnet.",
                            "Version {version} des Programms behebt den Fehler, den Sie beschreiben.",
                            "Zusammen macht das {price}, die Lieferung und alle Steuern sind darin enthalten.",
                            "Sie schrieb drei Romane, bevor sie dreißig war, und keiner verkaufte sich gut.",
                            "Bitte prüfen Sie das Kabel, bevor Sie den Router neu starten.",
                            "Kurz gesagt decken beide Tarife dasselbe ab, aber der zweite kostet im Monat weniger.",
                            "Der Vertrag endet nach zwölf Monaten von selbst, Sie müssen ihn nicht kündigen.",
                            "Diese Gleichung lässt sich auf zwei Wegen lösen, der kürzere beginnt mit einer Ersetzung.",
                            "Die Datei mit der Prüfsumme {hash} ist die, die wir getestet haben.",
                            "Sie brauchten eine Woche, um mit ihren Tieren über die Berge zu kommen."),
            "fr",
                    List.of(
                            "Le train pour la côte part à {time} et arrive un peu après midi.",
                            "Vous pouvez rendre l'article dans les 30 jours s'il n'a pas été utilisé.",
                            "Votre commande {order} a été expédiée le {date} et devrait arriver cette semaine.",
                            "Commencez par chauffer le four à 180 degrés et couvrez une plaque de papier.",
                            "La fonction renvoie le nombre d'éléments qui ont été trouvés, ou zéro.",
                            "La plus grande partie de l'eau du fleuve vient de la fonte des neiges au printemps.",
                            "Si vous préférez un lieu plus calme, la vieille bibliothèque du marché est ouverte jusqu'à huit heures.",
                            "La version {version} du programme corrige l'erreur que vous décrivez.",
                            "Le total est de {price}, livraison et taxes comprises dans le prix.",
                            "Elle a écrit trois romans avant ses trente ans, et aucun ne s'est bien vendu.",
                            "Vérifiez le câble avant de redémarrer le routeur, s'il vous plaît.",
                            "En bref, les deux offres couvrent les mêmes services, mais la seconde coûte moins par mois.",
                            "Le contrat prend fin de lui-même au bout de douze mois, vous n'avez pas à le résilier.",
                            "Il y a deux façons de résoudre cette équation, et la plus courte commence par une substitution.",
                            "Le fichier dont la somme est {hash} est celui que nous avons testé.",
                            "Il leur a fallu une semaine pour passer les montagnes avec leurs bêtes."),
            "es",
                    List.of(
                            "El tren a la costa sale a las {time} y llega poco después del mediodía.",
                            "Puede devolver el artículo en un plazo de 30 días si no se ha usado.",
                            "Su pedido {order} se envió el {date} y debería llegar esta semana.",
                            "Primero caliente el horno a 180 grados y cubra una bandeja con papel.",
                            "La función devuelve el número de elementos que se encontraron, o cero.",
                            "La mayor parte del agua del río viene de la nieve que se funde en primavera.",
                            "Si prefiere un lugar más tranquilo, la vieja biblioteca del mercado abre hasta las ocho.",
                            "La versión {version} del programa corrige el error que usted describe.",
                            "El total es de {price}, con el envío y todos los impuestos incluidos.",
                            "Ella escribió tres novelas antes de los treinta años, y ninguna se vendió bien.",
                            "Revise el cable antes de reiniciar el enrutador, por favor.",
                            "En resumen, los dos planes cubren lo mismo, pero el segundo cuesta menos al mes.",
                            "El contrato termina por sí solo a los doce meses, así que no hay que cancelarlo.",
                            "Hay dos maneras de resolver esta ecuación, y la más corta empieza con una sustitución.",
                            "El archivo con la suma {hash} es el que hemos probado.",
                            "Tardaron una semana en cruzar las montañas con sus animales."),
            "zh",
                    List.of(
                            "开往海边的列车在{time}出发，中午过后不久就能到达。",
                            "如果商品没有使用过，您可以在30天之内退货。",
                            "您的订单{order}已于{date}发出，预计这个星期就会送到。",
                            "首先把烤箱预热到180度，然后在烤盘上铺一张纸。",
                            "这个函数返回找到的条目数量，如果没有找到就返回零。",
                            "这条河里的水大部分来自春天山上融化的积雪。",
                            "如果您喜欢安静一点的地方，市场旁边的老图书馆开放到晚上八点。",
                            "程序的{version}版本修正了您所描述的错误。",
                            "总共是{price}，其中已经包括运费和所有的税。",
                            "她在三十岁以前写了三部小说，不过没有一部卖得好。",
                            "重新启动路由器之前，请先检查一下网线。",
                            "总的来说，两种方案包含的服务是一样的，但是第二种每个月更便宜。",
                            "合同在十二个月之后自动结束，所以您不需要去取消。",
                            "这个方程有两种解法，比较短的一种从代换开始。",
                            "校验和为{hash}的文件就是我们测试过的那一个。",
                            "他们带着牲口翻过那些山用了整整一个星期。"),
            "ja",
                    List.of(
                            "海岸へ行く列車は{time}に出発して、お昼を少し過ぎたころに着きます。",
                            "未使用の商品であれば、30日以内に返品することができます。",
                            "ご注文{order}は{date}に発送されており、今週中に届く予定です。",
                            "まずオーブンを180度に温めて、天板に紙を敷いてください。",
                            "この関数は見つかった項目の数を返し、なければゼロを返します。",
                            "この川の水のほとんどは、春に溶ける山の雪から来ています。",
                            "もっと静かな場所がよければ、市場のそばの古い図書館が八時まで開いています。",
                            "プログラムのバージョン{version}では、お話しの不具合が直っています。",
                            "合計は{price}で、送料と税金はすべて含まれています。",
                            "彼女は三十歳になる前に小説を三つ書きましたが、どれもあまり売れませんでした。",
                            "ルーターを再起動する前に、ケーブルを確かめてください。",
                            "つまり、どちらのプランも内容は同じですが、二つ目のほうが月々は安くなります。",
                            "契約は十二か月で自動的に終わるので、解約の手続きはいりません。",
                            "この方程式には二つの解き方があり、短いほうは置き換えから始まります。",
                            "チェックサムが{hash}のファイルが、私たちの試したものです。",
                            "彼らは家畜を連れて山を越えるのに一週間かかりました。"),
            "ar",
                    List.of(
                            "يغادر القطار إلى الساحل في الساعة {time} ويصل بعد الظهر بقليل.",
                            "يمكنك إرجاع السلعة خلال 30 يوما إذا لم تستعمل.",
                            "تم شحن طلبك {order} بتاريخ {date} ومن المنتظر أن يصل هذا الأسبوع.",
                            "سخن الفرن أولا إلى 180 درجة ثم ضع ورقة على الصينية.",
                            "تعيد الدالة عدد العناصر التي وجدت، أو صفرا إن لم تجد شيئا.",
                            "يأتي معظم ماء النهر من الثلوج التي تذوب في الربيع.",
                            "إذا كنت تفضل مكانا أهدأ فإن المكتبة القديمة قرب السوق مفتوحة حتى الثامنة.",
                            "يصلح الإصدار {version} من البرنامج الخطأ الذي تصفه.",
                            "المجموع هو {price} وهو يشمل التوصيل وكل الضرائب.",
                            "كتبت ثلاث روايات قبل أن تبلغ الثلاثين ولم تلق أي منها رواجا.",
                            "من فضلك افحص السلك قبل أن تعيد تشغيل الموجه.",
                            "باختصار تشمل الخطتان الخدمات نفسها لكن الثانية أرخص في الشهر.",
                            "ينتهي العقد من تلقاء نفسه بعد اثني عشر شهرا فلا حاجة إلى إلغائه.",
                            "لهذه المعادلة طريقتان للحل، والأقصر منهما تبدأ بالتعويض.",
                            "الملف الذي مجموع تحققه {hash} هو الذي جربناه.",
                            "استغرقوا أسبوعا كاملا في عبور الجبال مع مواشيهم."));

    /// What stands between paragraphs of any language, and is easily taken for something else.
    private static final List<String> INSERTS = List.of(
            "```python\nfor i in range({small}):\n    print(i)\n```",
            "```java\nString password = System.getenv(\"DB_PASSWORD\");\n```",
            "```yaml\napi_key: ${DEEPSEEK_API_KEY}\npassword: \"<your password>\"\n```",
            "| a | b |\n|---|---|\n| 1 | {small} |\n| 2 | {small} |\n| 3 | {small} |",
            "- 192.168.0.{small}\n- 10.0.0.{small}\n- fe80::1",
            "ISBN 978-3-16-148410-0",
            "https://example.com/docs/{order}?page={small}#top",
            "support@example.com, info@shop.example",
            "550e8400-e29b-41d4-a716-446655440000",
            "1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987",
            "48.8566, 2.3522; 35.6762, 139.6503",
            "2026-11-28T03:42:30Z, 1732780000{small}",
            "AKIAIOSFODNN7EXAMPLE, sk-..., ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "$$x_{1,2} = \\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}$$",
            "3.14159265358979, 2.71828182845904");

    private final Random random;

    Corpus(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /// An answer in order.
    String honest(String language) {
        List<String> sentences = new ArrayList<>(sentences(language));
        Collections.shuffle(sentences, random);
        int count = 3 + random.nextInt(6);
        String joint = language.equals("zh") || language.equals("ja") ? "" : " ";
        StringBuilder text = new StringBuilder();
        int form = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            if (form == 0) text.append(i + 1).append(". ");
            if (form == 1) text.append("- ");
            text.append(filled(sentences.get(i))).append(form < 2 ? "\n" : form == 2 && i % 3 == 2 ? "\n\n" : joint);
        }
        if (random.nextBoolean())
            text.append("\n\n").append(filled(any(INSERTS))).append('\n');
        return text.toString();
    }

    /// One of a language's sentences, with numbers in it.
    String sentence(String language) {
        return filled(any(sentences(language)));
    }

    private static List<String> sentences(String language) {
        return SENTENCES.getOrDefault(language, List.of());
    }

    private String filled(String template) {
        return template.replace("{time}", String.format("%d:%02d", 6 + random.nextInt(16), random.nextInt(60)))
                .replace("{order}", any(List.of("#" + digits(6), "A-" + digits(8), digits(10), "2026-" + digits(5))))
                .replace("{date}", any(List.of("28.11.2026", "2026-11-28", "11/28/2026", "28/11/2026")))
                .replace("{version}", random.nextInt(9) + "." + random.nextInt(30) + "." + random.nextInt(10))
                .replace("{price}", any(List.of("$", "€", "£")) + random.nextInt(900) + "." + digits(2))
                .replace("{hash}", hex(any(List.of(8, 32, 40, 64))))
                .replace("{small}", String.valueOf(random.nextInt(200)));
    }

    String digits(int count) {
        return of("0123456789", count);
    }

    String hex(int count) {
        return of("0123456789abcdef", count);
    }

    String of(String alphabet, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        return text.toString();
    }
}
