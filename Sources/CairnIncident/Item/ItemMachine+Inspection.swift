public import CairnCore
public import CairnDomains

/// Items under a key, as the incident tool looks into them.
///
/// Whether a holder lives is no event, so an attempt without an outcome is `in_flight` here.
extension ItemMachine: InspectableMachine {
    public var streamKind: StreamKind { ItemKey.streamKind }

    public func stream(of key: String) throws(LimitError) -> StreamID {
        guard let key = try? ItemKey(key) else { return try StreamID(kind: streamKind, key: key) }
        return try key.stream
    }

    public func name(of event: ItemEvent) -> String { event.fact.kind.rawValue }

    public func document(of event: ItemEvent) -> JSONValue {
        .object([
            JSONMember("type", .string(name(of: event))),
            JSONMember("at", .string(event.at.rfc3339)),
            JSONMember("summary", .string(event.summary)),
        ])
    }

    /// What the columns of `interactions` say of the item, and each attempt and step besides.
    public func document(of state: ItemState) -> JSONValue {
        let message = state.request?.message
        let verdict = state.verdict()
        return .object([
            JSONMember("idempotency_key", JSONValue(state.request?.key?.name)),
            JSONMember("interaction_uuid", JSONValue(message?.uuid)),
            JSONMember("customer_id", JSONValue(message?.customer)),
            JSONMember("channel", JSONValue(message?.channel.word)),
            JSONMember("template", JSONValue(message?.template)),
            JSONMember("payload", JSONValue(document: message?.payload)),
            JSONMember("body_content", JSONValue(message?.body)),
            JSONMember("job", JSONValue(state.request?.job)),
            JSONMember("run", JSONValue(count: state.request?.run)),
            JSONMember("status", JSONValue(state.status?.word)),
            JSONMember("verdict", .string(verdict.word)),
            JSONMember("reason", JSONValue(verdict.reasonInWords)),
            JSONMember("attempt", JSONValue(PredicateValue.integer(state.current?.number))),
            JSONMember("created_at", JSONValue(state.beganAt?.rfc3339)),
            JSONMember("attempts", .object(state.attempts.map(\.member))),
            JSONMember(
                "steps",
                .object(state.steps.enumerated().map { $1.member(number: $0 + 1) })
            ),
            JSONMember("set_aside", JSONValue(state.setAside?.words)),
            JSONMember("loss_count", .number("\(state.lossCount)")),
            JSONMember("note", .bool(state.isNote)),
            JSONMember("stray_report_count", .number("\(state.strayCallbackCount)")),
            JSONMember("anomaly_count", .number("\(state.anomalyCount)")),
            JSONMember("event_count", .number("\(state.eventCount)")),
        ])
    }
}

extension KeyVerdict {
    /// Why it is what it is, in words; nil where the verdict says it all.
    fileprivate var reasonInWords: String? {
        switch self {
        case .fresh, .done, .conflict: nil
        case .inFlight(let worker, _): "worker \(worker) holds it"
        case .inDoubt(let doubt, _): doubt.words
        case .failedRetryable(let reason, _), .failedFinal(let reason): reason
        }
    }
}

extension ItemAttempt {
    /// The attempt under its number.
    fileprivate var member: JSONMember {
        JSONMember(
            "\(number)",
            .object([
                JSONMember("standing", .string(word)),
                JSONMember("status", JSONValue(status?.word)),
                JSONMember("worker", .number("\(worker)")),
                JSONMember("began_at", .string(beganAt.rfc3339)),
                JSONMember("resend_count", .number("\(resendCount)")),
                JSONMember("reason", JSONValue(reason)),
                JSONMember("retry_at", JSONValue(retryAt?.rfc3339)),
                JSONMember("provider", JSONValue(acceptance?.provider)),
                JSONMember("provider_reference", JSONValue(acceptance?.providerReference)),
                JSONMember("notify_reference", JSONValue(acceptance?.notifyReference)),
                JSONMember("body_content", JSONValue(acceptance?.body)),
                JSONMember("response", JSONValue(document: acceptance?.metadata)),
                JSONMember(
                    "reported",
                    .array(
                        CallbackMeaning.allCases.filter { facts.contains($0) }
                            .map { .string($0.word) }
                    )
                ),
                JSONMember("settled_by", JSONValue(settlement?.by)),
            ])
        )
    }

    private var word: String {
        switch standing {
        case .open: "open"
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .released: "released"
        case .doubted: "in_doubt"
        }
    }

    private var reason: String? {
        switch standing {
        case .open, .accepted, .released: nil
        case .rejected(let rejection): rejection.reason
        case .doubted(let doubt, _): doubt.words
        }
    }

    private var retryAt: Timestamp? {
        guard case .rejected(let rejection) = standing else { return plannedRetry }
        return rejection.retryAt ?? plannedRetry
    }
}

extension ItemStep {
    /// The step under its number.
    fileprivate func member(number: Int) -> JSONMember {
        let (word, reason): (String, String?) =
            switch standing {
            case .open: ("open", nil)
            case .done: ("done", nil)
            case .failed(let reason): ("failed", reason)
            case .timer(let timer): ("waits", "until \(timer.until.rfc3339)")
            }
        return JSONMember(
            "\(number)",
            .object([
                JSONMember("name", .string(name)),
                JSONMember("standing", .string(word)),
                JSONMember("reason", JSONValue(reason)),
            ])
        )
    }
}

extension JSONValue {
    /// A text, or null.
    init(_ text: String?) {
        self = text.map { .string($0) } ?? .null
    }

    /// A whole number, or null.
    init(count: UInt64?) {
        self = count.map { .number("\($0)") } ?? .null
    }

    /// JSON in UTF-8; as a text where it is none, and null where there is nothing.
    init(document bytes: [UInt8]?) {
        guard let bytes else {
            self = .null
            return
        }
        self = (try? JSONValue.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }
}
