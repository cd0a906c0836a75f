/// One law of event-sourced programs, as `Specs/Laws.md` numbers them.
///
/// The number before the dot is the law of the design, the one behind it what the law asks in
/// particular; reports name both.
public struct Law: Hashable, Sendable {
    /// The chapter and the place in it, such as `2.3`.
    public let number: String
    /// Two or three words, such as `checkpoint equivalence`.
    public let name: String
    /// What holds, as a sentence.
    public let statement: String

    init(_ number: String, _ name: String, _ statement: String) {
        self.number = number
        self.name = name
        self.statement = statement
    }
}

extension Law: CustomStringConvertible {
    public var description: String { "law \(number) \(name)" }
}

/// How a machine, a projection or a journal breaks a law.
public struct LawFailure: LocatedError, Hashable, CustomStringConvertible {
    public let law: Law
    /// What was found, and what should have been.
    public let reason: String
    /// The line inside CairnTesting that found it, as `Module/File.swift:line`: two lines are two
    /// failures of the law.
    public let location: String

    init(
        _ law: Law,
        _ reason: String,
        fileID: String = #fileID,
        line: Int = #line
    ) {
        self.law = law
        self.reason = reason
        location = "\(fileID):\(line)"
    }

    public var description: String { "\(law) does not hold: \(reason)" }
}
