internal import CairnCore
internal import CairnDomains

/// A choice among few that an event's document has as a word.
protocol EventWord: CaseIterable, Sendable {
    var eventWord: String { get }
}

extension CallbackMeaning: EventWord {
    var eventWord: String { word }
}

extension ItemRejection.Source: EventWord {
    var eventWord: String {
        switch self {
        case .provider: "provider"
        case .sender: "sender"
        case .steps: "steps"
        }
    }
}

extension ItemRejection.GivingUp: EventWord {
    var eventWord: String {
        switch self {
        case .attempts: "attempts"
        case .duration: "duration"
        }
    }
}

extension ItemDoubt.Cause: EventWord {
    var eventWord: String {
        switch self {
        case .holderGone: "holder_gone"
        case .error: "error"
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        case .step: "step"
        case .repeated: "repeated"
        }
    }
}

extension ItemSettlement.Verdict: EventWord {
    var eventWord: String {
        switch self {
        case .sent: "sent"
        case .failed: "failed"
        case .failedFinal: "failed_final"
        }
    }
}

extension ItemSettlement.Source: EventWord {
    var eventWord: String {
        switch self {
        case .ask: "ask"
        case .person: "person"
        case .lateReply: "late_reply"
        case .sender: "sender"
        }
    }
}

extension ItemEvent.Fact {
    /// What `ItemMachine.event(from:at:)` reads of it besides its type and its time.
    var editableMembers: [JSONMember] {
        switch self {
        case .calledBack(let callback): callback.editableMembers
        case .accepted(let acceptance): acceptance.editableMembers
        case .rejected(let rejection):
            [
                JSONMember("source", .string(rejection.source.eventWord)),
                JSONMember("final", .bool(rejection.isFinal)),
                JSONMember("reason", .string(rejection.reason)),
                JSONMember("retry_at", JSONValue(rejection.retryAt?.rfc3339)),
                JSONMember("given_up", JSONValue(rejection.givenUp?.eventWord)),
            ]
        case .doubted(let doubt):
            [
                JSONMember("cause", .string(doubt.cause.eventWord)),
                JSONMember("detail", JSONValue(doubt.detail)),
            ]
        case .settled(let settlement):
            [
                JSONMember("verdict", .string(settlement.verdict.eventWord)),
                JSONMember("source", .string(settlement.source.eventWord)),
                JSONMember("by", .string(settlement.by)),
                JSONMember("reason", JSONValue(settlement.reason)),
            ] + (settlement.acceptance ?? ItemAcceptance()).editableMembers
        case .retryPlanned(let instant): [JSONMember("retry_at", .string(instant.rfc3339))]
        case .began, .released, .setAside, .stepBegan, .stepEnded, .stepFailed, .timerSet, .noted,
            .imported:
            []
        }
    }
}

extension InteractionCallback {
    fileprivate var editableMembers: [JSONMember] {
        [
            JSONMember("provider", .string(provider)),
            JSONMember("reference", .string(reference)),
            JSONMember("event_id", JSONValue(eventID)),
            JSONMember("provider_key", JSONValue(providerKey)),
            JSONMember("word", .string(word)),
            JSONMember("detail", JSONValue(detail)),
            JSONMember("meaning", .string(meaning.word)),
            JSONMember("provider_time", JSONValue(providerTime?.rfc3339)),
            JSONMember("item", JSONValue(item)),
            JSONMember("attempt", .number("\(attempt)")),
        ]
    }
}

extension ItemAcceptance {
    fileprivate var editableMembers: [JSONMember] {
        [
            JSONMember("provider", JSONValue(provider)),
            JSONMember("provider_reference", JSONValue(providerReference)),
            JSONMember("notify_reference", JSONValue(notifyReference)),
            JSONMember("body_content", JSONValue(body)),
            JSONMember("response", JSONValue(document: metadata)),
        ]
    }
}
