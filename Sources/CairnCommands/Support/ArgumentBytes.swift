/// What the shell gave, byte for byte.
enum ArgumentBytes {
    /// Refuses bytes that are no text: Swift puts U+FFFD in their place, and then a key, a name or
    /// a path would be another one than was meant.
    ///
    /// - Throws: ``CommandFailure``, with exit code 64.
    static func check(_ arguments: [String]) throws(CommandFailure) {
        guard arguments.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }),
            let bytes = try? FileBytes.read("/proc/self/cmdline")
        else { return }
        let given = bytes.split(separator: 0, omittingEmptySubsequences: false)
        for argument in given where String(validating: argument, as: UTF8.self) == nil {
            let text = Terminal.printable(String(decoding: argument, as: UTF8.self))
            throw CommandFailure(.usage, "the argument '\(text)' is not valid UTF-8")
        }
    }
}
