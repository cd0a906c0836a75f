/// Sentences and phrases that stand in more than one place.
enum Wording {
    /// A number of things, as in `1 row` and `2 rows`.
    static func counted(_ count: some BinaryInteger, _ name: String) -> String {
        "\(count) \(name)\(count == 1 ? "" : "s")"
    }
}

extension CommandFailure {
    /// Says that a journal has no job of a name.
    static func noJob(_ name: String, in path: String) -> CommandFailure {
        CommandFailure(
            .notFound,
            "no job \(name) is in \(path) at that moment; 'cairn jobs' lists all"
        )
    }
}
