public import CairnCore

extension ProviderVocabulary {
    /// Reads a vocabulary in the shape of `Specs/Providers/words.json`.
    ///
    /// A list of providers, each with its name, its aliases and its words under the meaning that
    /// they have. Descriptions are for people and are not kept.
    ///
    /// - Throws: ``ProviderVocabularyError``, which names the place, the provider and the word.
    public init(json bytes: [UInt8]) throws(ProviderVocabularyError) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw .json(error) }
        self.init()
        let top = VocabularyReader(value: value, path: "")
        for (key, member) in try top.members() {
            guard ["description", "providers"].contains(key) else {
                throw member.failure(.unknownKey)
            }
        }
        for element in try top.required("providers").elements() {
            let (provider, names) = try Provider.read(element)
            guard let taken = add(provider) else { continue }
            let place = names.last { $0.value == .string(taken.text) } ?? element
            throw place.failure(.repeatedProvider)
        }
    }

    /// The vocabulary as JSON, in the shape that is read: everything in the order of its bytes.
    public var json: JSONValue {
        .object([JSONMember("providers", .array(sortedProviders.map(\.json)))])
    }

    /// Digest of everything the vocabulary says: what states that depend on it carry.
    public var fingerprint: ContentDigest {
        let content = json.canonicalBytes
        return ContentDigest(type: "provider-vocabulary", content: content.span.bytes)
    }
}

extension ProviderVocabulary.Provider {
    /// Reads a provider, and says where its names stand.
    fileprivate static func read(
        _ unnamed: VocabularyReader
    ) throws(ProviderVocabularyError) -> (Self, names: [VocabularyReader]) {
        let members = try unnamed.members()
        var nameReader = try unnamed.required("name")
        nameReader.provider = try nameReader.text()
        var reader = unnamed
        reader.provider = nameReader.provider
        for (key, member) in members {
            guard ["name", "aliases", "description", "words"].contains(key) else {
                throw member.inside(reader).failure(.unknownKey)
            }
        }
        var provider = Self(name: ExactText(try nameReader.text()))
        var names = [nameReader]
        if reader.value["aliases"] != nil {
            for alias in try reader.required("aliases").elements() {
                guard provider.aliases.insert(ExactText(try alias.text())).inserted else {
                    throw alias.failure(.repeatedProvider)
                }
                names.append(alias)
            }
        }
        for (key, list) in try reader.required("words").members() {
            guard let meaning = CallbackMeaning(word: key) else {
                throw list.failure(.unknownMeaning)
            }
            for element in try list.elements() {
                let word = try element.text()
                guard provider.words[ProviderVocabulary.key(word)] == nil else {
                    throw element.failure(.repeatedWord, word: word)
                }
                provider.add(word, meaning)
            }
        }
        return (provider, names)
    }

    fileprivate var json: JSONValue {
        var members = [JSONMember("name", .string(name.text))]
        if !aliases.isEmpty { members.append(JSONMember("aliases", .texts(Array(aliases)))) }
        let groups = CallbackMeaning.allCases.compactMap { meaning -> JSONMember? in
            let listed = words.values.filter { $0.meaning == meaning }.map(\.text)
            return listed.isEmpty ? nil : JSONMember(meaning.word, .texts(listed))
        }
        members.append(JSONMember("words", .object(groups)))
        return .object(members)
    }
}

extension JSONValue {
    fileprivate static func texts(_ texts: [ExactText]) -> JSONValue {
        .array(texts.sorted { $0.precedes($1) }.map { .string($0.text) })
    }
}

/// One value of a vocabulary, the path that led to it and the provider it is about.
private struct VocabularyReader {
    let value: JSONValue
    let path: String
    var provider: String?

    func failure(
        _ reason: ProviderVocabularyError.Reason,
        word: String? = nil
    ) -> ProviderVocabularyError {
        .invalid(path: path, provider: provider, word: word, reason: reason)
    }

    private func wrongKind(_ expected: String) -> ProviderVocabularyError {
        failure(.wrongKind(expected: expected, found: value.kind))
    }

    /// The same value, known to be about another value's provider.
    func inside(_ other: VocabularyReader) -> VocabularyReader {
        VocabularyReader(value: value, path: path, provider: other.provider)
    }

    private func member(_ key: String, _ value: JSONValue) -> VocabularyReader {
        VocabularyReader(
            value: value,
            path: path.isEmpty ? key : "\(path).\(key)",
            provider: provider
        )
    }

    /// The members of an object, in which no key may stand twice.
    func members() throws(ProviderVocabularyError) -> [(key: String, VocabularyReader)] {
        guard case .object(let members) = value else { throw wrongKind("an object") }
        var seen: Set<ExactText> = []
        var readers: [(key: String, VocabularyReader)] = []
        for member in members {
            let reader = self.member(member.key, member.value)
            guard seen.insert(ExactText(member.key)).inserted else {
                throw reader.failure(.repeatedKey)
            }
            readers.append((member.key, reader))
        }
        return readers
    }

    func required(_ key: String) throws(ProviderVocabularyError) -> VocabularyReader {
        guard let found = value[key] else {
            throw self.member(key, .null).failure(.missing)
        }
        return self.member(key, found)
    }

    func elements() throws(ProviderVocabularyError) -> [VocabularyReader] {
        guard case .array(let elements) = value else { throw wrongKind("an array") }
        return elements.enumerated().map { index, element in
            VocabularyReader(value: element, path: "\(path)[\(index)]", provider: provider)
        }
    }

    func text() throws(ProviderVocabularyError) -> String {
        guard case .string(let text) = value else { throw wrongKind("a string") }
        guard !text.isEmpty else { throw failure(.emptyText) }
        return text
    }
}
