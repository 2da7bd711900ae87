package dev.freshet.gateway.guard;

import java.util.Arrays;

/// A tree of characters in flat arrays, with one hash table for all children: 24 bytes a character. Filled
/// once, then immutable.
final class Trie {
    static final int NONE = -1;
    private static final int ROOT = 0;

    private final int[] parent;
    private final char[] label; // that leads to a state from its parent
    private final int[] depth;
    private final int[] firstChild;
    private final int[] sibling;
    private final int[] table; // children, hashed by parent and label
    private int size = 1;

    /// @param most states, the root included
    Trie(int most) {
        parent = new int[most];
        label = new char[most];
        depth = new int[most];
        firstChild = new int[most];
        sibling = new int[most];
        table = new int[Integer.highestOneBit(most) << 2];
        parent[ROOT] = NONE;
        Arrays.fill(firstChild, NONE);
        Arrays.fill(table, NONE);
    }

    /// @return the child; [#NONE] where there is none
    int find(int state, char c) {
        return table[slot(state, c)];
    }

    /// The child, which is made where there is none.
    int child(int state, char c) {
        int slot = slot(state, c);
        if (table[slot] != NONE) return table[slot];
        int child = size++;
        table[slot] = child;
        parent[child] = state;
        label[child] = c;
        depth[child] = depth[state] + 1;
        sibling[child] = firstChild[state];
        firstChild[state] = child;
        return child;
    }

    /// Where the child is, or would be.
    private int slot(int state, char c) {
        int hash = (state * 0x9E3779B1 + c) * 0x85EBCA6B;
        int slot = (hash ^ hash >>> 15) & table.length - 1;
        while (table[slot] != NONE && (parent[table[slot]] != state || label[table[slot]] != c))
            slot = slot + 1 & table.length - 1;
        return slot;
    }

    int size() {
        return size;
    }

    char label(int state) {
        return label[state];
    }

    int depth(int state) {
        return depth[state];
    }

    int firstChild(int state) {
        return firstChild[state];
    }

    int sibling(int state) {
        return sibling[state];
    }
}
