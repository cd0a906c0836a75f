internal import CairnCore
internal import CairnDomains

/// Stand-ins for the texts of a history: the same one for the same text, and another one for
/// another text, numbered by what the text was first and in the order of the events.
///
/// What the pipeline's definition names stays: it is printed with the test, or everybody's.
struct Pseudonyms {
    private let words: DefinitionWords
    /// What no stand-in may be, or it would be taken for the text itself.
    private var taken: Set<ExactText> = []
    private var names: [ExactText: String] = [:]
    private var counts: [String: Int] = [:]

    /// Prepares for a request.
    ///
    /// - Parameters:
    ///   - definition: The rules that the request is read by.
    ///   - request: Its id.
    ///   - rows: All that it has, also what the test leaves out.
    init(_ definition: PipelineDefinition, request: String, of rows: [EventRow]) {
        words = DefinitionWords(definition)
        taken = words.all
        taken.insert(ExactText(request))
        for row in rows {
            _ = renamed(row.event) { text, _ in
                taken.insert(ExactText(text))
                return text
            }
        }
        _ = name(of: request, as: "request")
    }

    /// An event in which only the words of the definition, numbers and times are the recorded
    /// ones.
    mutating func event(_ event: PipelineEvent) -> PipelineEvent {
        renamed(event) { text, kind in name(of: text, as: kind) }
    }

    private mutating func name(of text: String, as kind: String) -> String {
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

    private func renamed(
        _ event: PipelineEvent,
        _ name: (String, String) -> String
    ) -> PipelineEvent {
        var event = event
        event.tenant = name(event.tenant, "tenant")
        if !words.stages.contains(ExactText(event.stage)) {
            event.stage = name(event.stage, "stage")
        }
        if !words.eventTypes.contains(ExactText(event.eventType)) {
            event.eventType = name(event.eventType, "type")
        }
        if case .other(let word) = event.status { event.status = .other(name(word, "status")) }
        event.externalReference = event.externalReference.map { name($0, "reference") }
        event.errorCode = event.errorCode.map { name($0, "code") }
        event.errorMessage = event.errorMessage.map { name($0, "text") }
        event.workerID = event.workerID.map { name($0, "worker") }
        event.serviceName = event.serviceName.map { name($0, "service") }
        event.metadata = event.metadata.map { bytes in
            let value = try? JSONValue.parse(bytes)
            var writer = JSONWriter()
            writer.value(
                renamed(value ?? .string(String(decoding: bytes, as: UTF8.self)), name)
            )
            return writer.bytes
        }
        return event
    }

    private func renamed(_ value: JSONValue, _ name: (String, String) -> String) -> JSONValue {
        switch value {
        case .null, .bool, .number: value
        case .string(let text): .string(name(text, "text"))
        case .array(let elements): .array(elements.map { renamed($0, name) })
        case .object(let members):
            .object(
                members.map { member in
                    let isKnown = words.keys.contains(ExactText(member.key))
                    let key = isKnown ? member.key : name(member.key, "key")
                    return JSONMember(key, renamed(member.value, name))
                }
            )
        }
    }
}

/// The words that a definition names.
private struct DefinitionWords {
    let stages: Set<ExactText>
    let eventTypes: Set<ExactText>
    /// Parts of the metadata.
    let keys: Set<ExactText>

    var all: Set<ExactText> { stages.union(eventTypes).union(keys) }

    init(_ definition: PipelineDefinition) {
        stages = Set(definition.stages.flatMap { [$0.name] + $0.aliases }.map { ExactText($0) })
        // What no type stands for is recorded under its status.
        let statuses: [PipelineStatus] = [
            .started, .completed, .failed, .skipped, .retryScheduled,
        ]
        eventTypes = Set(
            (definition.eventTypes.map(\.name) + statuses.map(\.word)).map { ExactText($0) }
        )
        keys = Set(definition.metadataIndexes.flatMap(\.parts).map { ExactText($0) })
    }
}

extension PipelineEvent {
    /// The event with every time of it as far from an instant as it was from another one.
    func moved(from first: Timestamp, to start: Timestamp) -> PipelineEvent {
        func moved(_ time: Timestamp) -> Timestamp { start.adding(time.since(first)) }
        var event = self
        event.createdAt = moved(createdAt)
        event.nextRetryAt = nextRetryAt.map(moved)
        event.startedAt = startedAt.map(moved)
        event.completedAt = completedAt.map(moved)
        return event
    }
}
