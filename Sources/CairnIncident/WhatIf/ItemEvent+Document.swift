public import CairnCore
public import CairnDomains

extension ItemMachine {
    /// Reads what is known after an intent: `type` is `callback.received`, `attempt.accepted`,
    /// `attempt.rejected`, `attempt.doubted` or `attempt.retry_planned`.
    ///
    /// Members, besides `at`: of a report `provider`, `reference`, `word` and `meaning`, and
    /// `attempt`, which is 1 unless it is said; of an acceptance `provider`,
    /// `provider_reference`, `notify_reference` and `body_content`; of a rejection `source`
    /// (`provider` or `sender`), `final`, `reason` and `retry_at`; of a doubt `cause` and
    /// `detail`; of a plan `retry_at`.
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
            case .retryPlanned: .retryPlanned(try members.neededTime("retry_at"))
            case .began, .released, .settled, .setAside, .stepBegan, .stepEnded, .stepFailed,
                .timerSet, .noted, .imported, nil:
                throw .wrongValue(member: "type", expected: ItemMembers.types)
            }
        return ItemEvent(fact, at: try members.time("at") ?? instant)
    }
}

/// The members of an item's event as somebody wrote it by hand.
private struct ItemMembers {
    static let types =
        "callback.received, attempt.accepted, attempt.rejected, attempt.doubted or "
        + "attempt.retry_planned"

    private static let names = [
        "callback.received": ["provider", "reference", "word", "meaning", "attempt"],
        "attempt.accepted": ["provider", "provider_reference", "notify_reference", "body_content"],
        "attempt.rejected": ["source", "final", "reason", "retry_at"],
        "attempt.doubted": ["cause", "detail"],
        "attempt.retry_planned": ["retry_at"],
    ]

    private let document: JSONValue

    init(_ document: JSONValue) throws(EventDocumentError) {
        guard case .object(let members) = document else { throw .notAnObject }
        self.document = document
        let known = Self.names[try needed("type")] ?? []
        for member in members where !["type", "at"].contains(member.key) {
            guard known.isEmpty || known.contains(member.key) else {
                throw .unknown(member: member.key)
            }
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

    func callback() throws(EventDocumentError) -> InteractionCallback {
        guard let meaning = CallbackMeaning(word: try needed("meaning")) else {
            let words = CallbackMeaning.allCases.map(\.word).joined(separator: ", ")
            throw .wrongValue(member: "meaning", expected: "one of \(words)")
        }
        var callback = InteractionCallback(
            provider: try needed("provider"),
            reference: try text("reference") ?? "",
            word: try text("word") ?? meaning.word,
            meaning: meaning
        )
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
        ItemAcceptance(
            provider: try text("provider"),
            providerReference: try text("provider_reference"),
            notifyReference: try text("notify_reference"),
            body: try text("body_content")
        )
    }

    func rejection() throws(EventDocumentError) -> ItemRejection {
        let source: ItemRejection.Source
        switch try text("source") {
        case "provider", nil: source = .provider
        case "sender": source = .sender
        default: throw .wrongValue(member: "source", expected: "provider or sender")
        }
        var isFinal = false
        if let value = document["final"], value != .null {
            guard case .bool(let flag) = value else {
                throw .wrongValue(member: "final", expected: "true or false")
            }
            isFinal = flag
        }
        return ItemRejection(
            source: source,
            isFinal: isFinal,
            reason: try text("reason") ?? "",
            retryAt: try time("retry_at")
        )
    }

    func doubt() throws(EventDocumentError) -> ItemDoubt {
        let causes: [String: ItemDoubt.Cause] = [
            "holder_gone": .holderGone, "error": .error, "timeout": .timeout,
            "cancelled": .cancelled,
        ]
        guard let cause = causes[try needed("cause")] else {
            throw .wrongValue(
                member: "cause",
                expected: "one of " + causes.keys.sorted().joined(separator: ", ")
            )
        }
        return ItemDoubt(cause, detail: try text("detail"))
    }
}
