internal import CairnCore

/// What the words of providers mean: data, because mature libraries disagree about them.
///
/// A word that needs a second field to mean something is listed as `word/detail`, such as
/// `bounce/blocked`. A bare `bounce` beside it counts for every detail that is not listed; where
/// there is none, other details are unknown.
public struct ProviderVocabulary: Hashable, Sendable {
    /// A provider's words by their small letters.
    struct Provider: Hashable, Sendable {
        let name: ExactText
        var aliases: Set<ExactText> = []
        var words: [ExactText: Word] = [:]
    }

    /// A word, or a word and its detail, as the provider spells it.
    struct Word: Hashable, Sendable {
        let text: ExactText
        let meaning: CallbackMeaning
    }

    /// By the small letters of their names.
    private(set) var providers: [ExactText: Provider] = [:]
    /// The small letters of names and aliases, with those of the names they stand for.
    private var names: [ExactText: ExactText] = [:]

    /// Knows no provider.
    public init() {}

    /// What a provider's word means; ``CallbackMeaning/unknown`` where nobody listed it.
    ///
    /// Providers and words are found in any case of ASCII; a vocabulary has no two that differ
    /// in that alone. Of a provider that nobody listed the four statuses of seed 001 mean
    /// themselves, as ``InteractionStatus/meaning`` says, so a caller may report them outright.
    public func meaning(
        provider: String,
        word: String,
        detail: String? = nil
    ) -> CallbackMeaning {
        guard let key = names[Self.key(provider)], let known = providers[key] else {
            return InteractionStatus(word: word)?.meaning ?? .unknown
        }
        if let detail, let found = known.words[Self.key("\(word)/\(detail)")] {
            return found.meaning
        }
        return known.words[Self.key(word)]?.meaning ?? .unknown
    }

    /// The one name of a provider, whichever alias or case is given.
    ///
    /// References are scoped to their provider, so two spellings of it must not be two scopes. A
    /// provider that nobody listed has its name in small letters.
    public func name(ofProvider provider: String) -> String {
        let key = Self.key(provider)
        return names[key].flatMap { providers[$0]?.name.text } ?? key.text
    }

    /// The names of all providers, sorted by their bytes.
    public var providerNames: [String] { sortedProviders.map(\.name.text) }

    /// Says what a word means from now on, as when a provider has a new one.
    ///
    /// A provider that nobody listed begins with the four statuses of seed 001, which it knew
    /// before.
    public mutating func define(
        _ meaning: CallbackMeaning,
        provider: String,
        word: String,
        detail: String? = nil
    ) {
        if names[Self.key(provider)] == nil {
            var begun = Provider(name: ExactText(provider))
            for status in InteractionStatus.allCases { begun.add(status.word, status.meaning) }
            _ = add(begun)
        }
        guard let key = names[Self.key(provider)] else { return }
        providers[key]?.add(detail.map { "\(word)/\($0)" } ?? word, meaning)
    }

    /// Adds a provider, unless one of its names is taken.
    ///
    /// - Returns: The name that is taken; nil if the provider was added.
    mutating func add(_ provider: Provider) -> ExactText? {
        let key = Self.key(provider.name.text)
        if names[key] != nil { return provider.name }
        var added: Set<ExactText> = [key]
        for alias in provider.aliases {
            let aliasKey = Self.key(alias.text)
            guard names[aliasKey] == nil, added.insert(aliasKey).inserted else { return alias }
        }
        for name in added { names[name] = key }
        providers[key] = provider
        return nil
    }

    /// In the order of their names' bytes, because a dictionary's changes from run to run.
    var sortedProviders: [Provider] {
        providers.values.sorted { $0.name.precedes($1.name) }
    }

    static func key(_ text: String) -> ExactText { ExactText(text.asciiLowercased) }
}

extension ProviderVocabulary.Provider {
    /// Lists a word in place of what was listed for it before.
    mutating func add(_ word: String, _ meaning: CallbackMeaning) {
        words[ProviderVocabulary.key(word)] = ProviderVocabulary.Word(
            text: ExactText(word),
            meaning: meaning
        )
    }
}

extension ExactText {
    /// Whether the text's bytes sort before those of another.
    func precedes(_ other: ExactText) -> Bool {
        text.hasBytes(before: other.text)
    }
}
