package dev.freshet.gateway.model;

/// Names in which `*` stands for any letters. Stateless.
final class Names {
    private Names() {}

    /// Looks for the parts between the stars one after another, so that no pattern takes long.
    static boolean match(String pattern, String name) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) return pattern.equals(name);
        if (!name.startsWith(parts[0])) return false;
        int at = parts[0].length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = name.indexOf(parts[i], at);
            if (found < 0) return false;
            at = found + parts[i].length();
        }
        String last = parts[parts.length - 1];
        return name.length() - at >= last.length() && name.endsWith(last);
    }
}
