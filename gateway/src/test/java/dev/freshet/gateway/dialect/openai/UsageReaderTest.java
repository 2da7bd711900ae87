package dev.freshet.gateway.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Usage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The places where providers put what an answer took, and its parts.
class UsageReaderTest {
    private static @Nullable Usage whole(String json) {
        return WholeAnswer.usage(json.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            OpenAI   | {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":64,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20,"accepted_prediction_tokens":0}} | 100 | 64 | 50 | 20
            DeepSeek | {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_cache_hit_tokens":90,"prompt_cache_miss_tokens":10} | 100 | 90 | 50 | 0
            Moonshot | {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"cached_tokens":80} | 100 | 80 | 50 | 0
            xAI      | {"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}} | 32 | 0 | 103 | 94
            Google   | {"prompt_tokens":10,"completion_tokens":20,"total_tokens":530} | 10 | 0 | 520 | 500
            Anthropic | {"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"cache_read_input_tokens":4} | 10 | 4 | 20 | 0
            odd      | {"completion_tokens":20,"prompt_tokens":10,"total_tokens":null,"x":{"prompt_tokens":7},"cost":0.01} | 10 | 0 | 20 | 0
            too much | {"prompt_tokens":10,"completion_tokens":20,"cached_tokens":99} | 10 | 10 | 20 | 0
            """)
    void everyProvidersPartsAreRead(
            String provider, String usage, long prompt, long cached, long completion, long reasoning) {
        assertThat(whole("{\"choices\":[],\"usage\":" + usage + "}"))
                .as(provider)
                .isEqualTo(Usage.reported(prompt, cached, completion, reasoning));
    }

    @Test
    void whatHasNoCountsIsNoUsage() {
        for (String none : new String[] {"null", "{}", "{\"prompt_tokens\":5}", "[]", "7", "{\"prompt_tokens\":\"5\"}"})
            assertThat(WholeAnswer.usage(("{\"usage\":" + none + "}").getBytes(StandardCharsets.UTF_8)))
                    .as(none)
                    .isNull();
    }
}
