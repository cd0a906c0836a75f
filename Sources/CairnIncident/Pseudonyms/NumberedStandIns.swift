internal import CairnCore

/// Stand-ins with numbers: `request-1` for the first text that was met as a request.
struct NumberedStandIns: StandIns {
    /// What no stand-in may be, or it would be taken for the text itself.
    private let taken: Set<ExactText>
    private var names: [ExactText: String] = [:]
    private var counts: [String: Int] = [:]
    /// Apart from the names: a key that is a UUID has a name as well.
    private var uuids: [ExactText: String] = [:]
    private var uuidCount = 0

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
        if let known = uuids[ExactText(text)] { return known }
        var (digits, uuid) = ("", "")
        repeat {
            uuidCount += 1
            digits = String(uuidCount, radix: 16)
            uuid = Self.uuid(with: digits)
        } while [uuid, uuid.uppercased()].contains { taken.contains(ExactText($0)) }
        uuids[ExactText(text)] = digits
        return digits
    }
}
