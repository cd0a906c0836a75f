/// What the surroundings of a test want of every property that is checked in it.
///
/// It is stronger than the settings of a call: who wants one test to look longer, or to run one
/// case again, says so at the test and not in the code that checks.
package struct PropertyScope: Sendable {
    /// A case to run before any other.
    struct Token: Sendable {
        let text: String
        /// The only property that it is for; nil for all of them.
        let property: String?
    }

    @TaskLocal package static var current: PropertyScope?

    package var caseCountMax: Int?
    package var seed: UInt64?
    package var corpus: Corpus?
    /// Whether what a test framework finds in a case fails that case; see ``CaseFindings``.
    package var isGathering = false
    private var tokens: [Token] = []

    package init() {}

    /// Has a case run before any other.
    package mutating func replay(_ token: String, of property: String?) {
        tokens.append(Token(text: token, property: property))
    }

    /// The tokens of a property, those of its call last.
    func tokens(of property: String, and own: [String]) -> [String] {
        tokens.filter { $0.property == nil || $0.property == property }.map(\.text) + own
    }

    /// The settings of a call as they are in these surroundings.
    func settings(_ own: PropertySettings) -> PropertySettings {
        var settings = own
        if let caseCountMax { settings.caseCountMax = caseCountMax }
        if let seed { settings.seed = seed }
        if let corpus { settings.corpus = corpus }
        return settings
    }
}
