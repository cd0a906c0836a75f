internal import CairnCore

/// Stand-ins with numbers: `request-1` for the first text that was met as a request.
struct NumberedStandIns: StandIns {
    /// What no stand-in may be, or it would be taken for the text itself.
    private let taken: Set<ExactText>
    private var names: [ExactText: String] = [:]
    private var counts: [String: Int] = [:]

    /// Prepares.
    ///
    /// - Parameter taken: All texts that there are, and words that stay.
    init(besides taken: Set<ExactText>) {
        self.taken = taken
    }

    mutating func name(of text: String, as kind: String) -> String {
        guard !text.isEmpty else { return text }
        if let known = names[ExactText(text)] { return known }
        var name = ""
        repeat {
            counts[kind, default: 0] += 1
            name = "\(kind)-\(counts[kind, default: 0])"
        } while taken.contains(ExactText(name))
        names[ExactText(text)] = name
        return name
    }

    /// The same: numbers stay in tests.
    func number(of text: String) -> String { text }

    mutating func digits(of text: String) -> String {
        let number = name(of: text, as: "uuid").split(separator: "-").last.flatMap { Int($0) }
        return String(number ?? 0, radix: 16)
    }
}
