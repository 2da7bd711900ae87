package dev.freshet.gateway.guard;

import java.util.ArrayDeque;

/// How large an expression becomes when its counted repetitions are written out: known before that is done,
/// because `(a{1000}){1000}` takes a hundred megabytes. Never less than it is, by much, and sometimes more.
/// Stateless.
final class ExpressionSize {
    private static final long MOST = Integer.MAX_VALUE;

    private ExpressionSize() {}

    static long of(String expression) {
        ArrayDeque<Long> outer = new ArrayDeque<>();
        long sum = 0; // of the group, without its last atom
        long last = 0;
        for (int i = 0; i < expression.length(); i++) {
            switch (expression.charAt(i)) {
                case '(' -> {
                    outer.push(sum + last);
                    sum = 0;
                    last = 0;
                }
                case ')' -> {
                    last = sum + last + 2;
                    sum = outer.isEmpty() ? 0 : outer.pop();
                }
                case '{' -> {
                    int end = expression.indexOf('}', i);
                    if (end < 0) break;
                    last = Math.min(MOST, last * times(expression.substring(i + 1, end)));
                    i = end;
                }
                case '[' -> {
                    sum += last;
                    last = 1;
                    i = endOfClass(expression, i);
                }
                case '\\' -> {
                    sum += last;
                    last = 1;
                    i++;
                }
                case '*', '+', '?', '|' -> last++;
                default -> {
                    sum += last;
                    last = 1;
                }
            }
            sum = Math.min(MOST, sum);
        }
        while (!outer.isEmpty()) sum += outer.pop();
        return Math.min(MOST, sum + last);
    }

    private static long times(String counts) {
        long most = 1;
        for (String count : counts.split(",", -1))
            if (count.matches("\\d{1,9}")) most = Math.max(most, Long.parseLong(count));
        return most;
    }

    private static int endOfClass(String expression, int from) {
        int i = from + 1;
        if (i < expression.length() && expression.charAt(i) == '^') i++;
        if (i < expression.length() && expression.charAt(i) == ']') i++;
        while (i < expression.length() && expression.charAt(i) != ']') i += expression.charAt(i) == '\\' ? 2 : 1;
        return i;
    }
}
