package dev.freshet.cli;

/// Prints the JDK that it was started by and its arguments; its exit code is the number of them.
public final class Echo {
    private Echo() {}

    public static void main(String[] arguments) {
        StringBuilder line = new StringBuilder(String.valueOf(System.getenv("FAKE_HOME")));
        for (String argument : arguments) line.append('|').append(argument);
        System.out.println(line);
        System.exit(arguments.length);
    }
}
