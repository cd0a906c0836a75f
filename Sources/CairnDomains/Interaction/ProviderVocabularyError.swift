public import CairnCore

/// Why a text is not a vocabulary of providers, and where in it.
public enum ProviderVocabularyError: Error, Hashable, Sendable {
    /// The text is not JSON.
    case json(JSONError)
    /// A value is not what a vocabulary needs.
    ///
    /// The path is written as `providers[2].words.sent[0]`; provider and word are named where
    /// the error lies inside them.
    case invalid(path: String, provider: String?, word: String?, reason: Reason)

    /// What is wrong with a value.
    public enum Reason: Hashable, Sendable {
        case missing
        case wrongKind(expected: String, found: String)
        case unknownKey
        case repeatedKey
        case emptyText
        /// None of the words of ``CallbackMeaning``.
        case unknownMeaning
        /// The provider's name or alias was used before, in any case of ASCII.
        case repeatedProvider
        /// The provider's word was listed before, in any case of ASCII.
        case repeatedWord
    }
}

extension ProviderVocabularyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): return "the provider vocabulary is not JSON: \(error)"
        case .invalid(let path, let provider, let word, let reason):
            var place = path.isEmpty ? "its top" : path
            if let provider {
                place += " (provider '\(provider)'" + (word.map { ", word '\($0)'" } ?? "") + ")"
            }
            return "the provider vocabulary is wrong at \(place): \(reason)"
        }
    }
}

extension ProviderVocabularyError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing: "it is missing"
        case .wrongKind(let expected, let found): "it is a JSON \(found) and should be \(expected)"
        case .unknownKey: "no such key exists"
        case .repeatedKey: "the key stands twice"
        case .emptyText: "it is empty"
        case .unknownMeaning:
            "it is none of \(CallbackMeaning.allCases.map(\.word).joined(separator: ", "))"
        case .repeatedProvider: "the provider was named before; upper and lower case are one"
        case .repeatedWord: "the word was listed before; upper and lower case are one"
        }
    }
}
