public import CairnCore
public import CairnDomains

extension ItemMachine {
    /// What an event says that can be read back; of one that cannot, its type and its time.
    ///
    /// A report's body, on which nothing depends, is not among it.
    public func editableDocument(of event: ItemEvent) -> JSONValue {
        .object(
            [
                JSONMember("type", .string(name(of: event))),
                JSONMember("at", .string(event.at.rfc3339)),
            ] + event.fact.editableMembers
        )
    }

    /// Reads what is known after an intent: `type` is `callback.received`, `attempt.accepted`,
    /// `attempt.rejected`, `attempt.doubted`, `attempt.settled`, `attempt.released` or
    /// `attempt.retry_planned`.
    ///
    /// Members, besides `at`: of a report `provider`, `reference`, `event_id`, `provider_key`,
    /// `word`, `detail`, `meaning`, `provider_time` and `item`, and `attempt`, which is 1 unless
    /// it is said; of an acceptance `provider`, `provider_reference`, `notify_reference`,
    /// `body_content` and `response`; of a rejection `source` (`provider`, `sender` or `steps`),
    /// `final`, `reason`, `retry_at` and `given_up` (`attempts` or `duration`); of a doubt `cause`
    /// and `detail`; of a settlement `verdict` (`sent`, `failed` or `failed_final`), `source`
    /// (`ask`, `person`, `late_reply` or `sender`), `by`, `reason` and the members of an
    /// acceptance; of a plan `retry_at`.
    public func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> ItemEvent {
        let members = try ItemMembers(document)
        let fact: ItemEvent.Fact =
            switch ItemEventKind(rawValue: try members.needed("type")) {
            case .calledBack: .calledBack(try members.callback())
            case .accepted: .accepted(try members.acceptance())
            case .rejected: .rejected(try members.rejection())
            case .doubted: .doubted(try members.doubt())
            case .settled: .settled(try members.settlement())
            case .released: .released
            case .retryPlanned: .retryPlanned(try members.neededTime("retry_at"))
            case .began, .setAside, .stepBegan, .stepEnded, .stepFailed, .timerSet, .noted,
                .imported, nil:
                throw .wrongValue(member: "type", expected: ItemMembers.types)
            }
        return ItemEvent(fact, at: try members.time("at") ?? instant)
    }
}

/// The members of an item's event as somebody wrote it by hand.
private struct ItemMembers {
    static let types =
        "callback.received, attempt.accepted, attempt.rejected, attempt.doubted, "
        + "attempt.settled, attempt.released or attempt.retry_planned"

    private static let acceptance = [
        "provider", "provider_reference", "notify_reference", "body_content", "response",
    ]

    private static let names = [
        "callback.received": [
            "provider", "reference", "event_id", "provider_key", "word", "detail", "meaning",
            "provider_time", "item", "attempt",
        ],
        "attempt.accepted": acceptance,
        "attempt.rejected": ["source", "final", "reason", "retry_at", "given_up"],
        "attempt.doubted": ["cause", "detail"],
        "attempt.settled": ["verdict", "source", "by", "reason"] + acceptance,
        "attempt.released": [],
        "attempt.retry_planned": ["retry_at"],
    ]

    private let document: JSONValue

    init(_ document: JSONValue) throws(EventDocumentError) {
        guard case .object(let members) = document else { throw .notAnObject }
        self.document = document
        guard let known = Self.names[try needed("type")] else { return }
        for member in members where !["type", "at"].contains(member.key) && member.value != .null {
            guard known.contains(member.key) else { throw .unknown(member: member.key) }
        }
    }

    func text(_ name: String) throws(EventDocumentError) -> String? {
        guard let value = document[name], value != .null else { return nil }
        guard case .string(let text) = value else {
            throw .wrongValue(member: name, expected: "a text")
        }
        return text
    }

    func needed(_ name: String) throws(EventDocumentError) -> String {
        guard let text = try text(name) else { throw .missing(member: name) }
        return text
    }

    func time(_ name: String) throws(EventDocumentError) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let time = try? Timestamp(rfc3339: text) else {
            throw .wrongValue(member: name, expected: "a time such as 2025-12-25T10:00:00Z")
        }
        return time
    }

    func neededTime(_ name: String) throws(EventDocumentError) -> Timestamp {
        guard let time = try time(name) else { throw .missing(member: name) }
        return time
    }

    /// One of a type's values by its word; nil where nothing is said.
    private func word<Value: EventWord>(_ name: String) throws(EventDocumentError) -> Value? {
        guard let text = try text(name) else { return nil }
        guard let value = Value.allCases.first(where: { $0.eventWord.hasSameBytes(as: text) })
        else {
            let words = Value.allCases.map(\.eventWord).joined(separator: ", ")
            throw .wrongValue(member: name, expected: "one of \(words)")
        }
        return value
    }

    private func neededWord<Value: EventWord>(_ name: String) throws(EventDocumentError) -> Value {
        guard let value: Value = try word(name) else { throw .missing(member: name) }
        return value
    }

    func callback() throws(EventDocumentError) -> InteractionCallback {
        let meaning: CallbackMeaning = try neededWord("meaning")
        var callback = InteractionCallback(
            provider: try needed("provider"),
            reference: try text("reference") ?? "",
            eventID: try text("event_id"),
            providerKey: try text("provider_key"),
            word: try text("word") ?? meaning.word,
            detail: try text("detail"),
            meaning: meaning,
            providerTime: try time("provider_time")
        )
        callback.item = try text("item")
        callback.attempt = 1
        if let value = document["attempt"], value != .null {
            guard case .number(let text) = value, let number = JSONNumber(text)?.integer() else {
                throw .wrongValue(member: "attempt", expected: "a whole number")
            }
            callback.attempt = number
        }
        return callback
    }

    func acceptance() throws(EventDocumentError) -> ItemAcceptance {
        let response = document["response"].flatMap { $0 == .null ? nil : $0 }
        return ItemAcceptance(
            provider: try text("provider"),
            providerReference: try text("provider_reference"),
            notifyReference: try text("notify_reference"),
            body: try text("body_content"),
            metadata: response.map { Array($0.description.utf8) }
        )
    }

    func rejection() throws(EventDocumentError) -> ItemRejection {
        var isFinal = false
        if let value = document["final"], value != .null {
            guard case .bool(let flag) = value else {
                throw .wrongValue(member: "final", expected: "true or false")
            }
            isFinal = flag
        }
        return ItemRejection(
            source: try word("source") ?? .provider,
            isFinal: isFinal,
            reason: try text("reason") ?? "",
            retryAt: try time("retry_at"),
            givenUp: try word("given_up")
        )
    }

    func doubt() throws(EventDocumentError) -> ItemDoubt {
        ItemDoubt(try neededWord("cause"), detail: try text("detail"))
    }

    func settlement() throws(EventDocumentError) -> ItemSettlement {
        let acceptance = try acceptance()
        return ItemSettlement(
            try neededWord("verdict"),
            source: try word("source") ?? .person,
            by: try text("by") ?? "",
            reason: try text("reason"),
            acceptance: acceptance == ItemAcceptance() ? nil : acceptance
        )
    }
}
