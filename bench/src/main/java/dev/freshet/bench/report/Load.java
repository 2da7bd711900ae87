package dev.freshet.bench.report;

/// The loads that are put on each contender.
public enum Load {
    /// 200 streams of 50 tokens a second.
    STREAMS_200("200 streams × 50 tokens/s"),
    /// 1,000 of them: on many machines the most that leaves both proxies' cores with time to spare.
    STREAMS_1000("1,000 streams × 50 tokens/s"),
    /// 2,000 of them.
    STREAMS_2000("2,000 streams × 50 tokens/s"),
    /// 500 streams as fast as they go: a stream's next token is written when the last one was read.
    FULL("as many as one core carries"),
    /// 500 requests a second, evenly spread.
    REQUESTS("500 requests/s"),
    /// 200 requests at once, twice a second.
    BURSTS("bursts of 200 requests"),
    /// 9,000 streams, open and silent after their first token.
    HELD("9,000 streams held"),
    /// A process that has just been started, on both cores.
    START("start"),
    /// 100 streams at once, as soon as it is ready.
    FIRST_STREAMS("100 streams at once, when just ready"),
    /// As soon as it is ready, 500 a second.
    FIRST_REQUESTS("the first 1,000 requests"),
    /// The same, where it has not warmed itself up before it is ready.
    FIRST_REQUESTS_COLD("the first 1,000 requests, not warmed up");

    private final String text;

    Load(String text) {
        this.text = text;
    }

    /// Its name in tables.
    public String text() {
        return text;
    }
}
