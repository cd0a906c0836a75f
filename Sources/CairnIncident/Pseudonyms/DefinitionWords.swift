internal import CairnCore
internal import CairnDomains

/// The words that a definition names: printed with it, or everybody's, and so nobody's secret.
struct DefinitionWords: Sendable {
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

    /// An event with another text for each one of it that the definition does not name.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - name: What stands for a text; gets what the text is, in one word.
    ///   - number: What stands for a number in the metadata, both as JSON writes them.
    /// - Returns: The event, whose numbers and times are the same but for those in the metadata.
    func renamed(
        _ event: PipelineEvent,
        name: (_ text: String, _ kind: String) -> String,
        number: (String) -> String = { $0 }
    ) -> PipelineEvent {
        var event = event
        event.tenant = name(event.tenant, "tenant")
        if !stages.contains(ExactText(event.stage)) { event.stage = name(event.stage, "stage") }
        if !eventTypes.contains(ExactText(event.eventType)) {
            event.eventType = name(event.eventType, "type")
        }
        if case .other(let word) = event.status { event.status = .other(name(word, "status")) }
        event.externalReference = event.externalReference.map { name($0, "reference") }
        event.errorCode = event.errorCode.map { name($0, "code") }
        event.errorMessage = event.errorMessage.map { name($0, "text") }
        event.workerID = event.workerID.map { name($0, "worker") }
        event.serviceName = event.serviceName.map { name($0, "service") }
        event.metadata = event.metadata.map { renamed(json: $0, name: name, number: number) }
        // The texts of the source's own cells say what was changed here.
        event.origin = nil
        return event
    }

    /// JSON text with other texts in it; what is no JSON is one text as a whole.
    func renamed(
        json bytes: [UInt8],
        name: (_ text: String, _ kind: String) -> String,
        number: (String) -> String = { $0 }
    ) -> [UInt8] {
        let value = try? JSONValue.parse(bytes)
        var writer = JSONWriter()
        writer.value(
            renamed(
                value ?? .string(String(decoding: bytes, as: UTF8.self)),
                name: name,
                number: number
            )
        )
        return writer.bytes
    }

    private func renamed(
        _ value: JSONValue,
        name: (String, String) -> String,
        number: (String) -> String
    ) -> JSONValue {
        switch value {
        case .null, .bool: value
        case .number(let text): .number(number(text))
        case .string(let text): .string(name(text, "text"))
        case .array(let elements):
            .array(elements.map { renamed($0, name: name, number: number) })
        case .object(let members):
            .object(
                members.map { member in
                    let isKnown = keys.contains(ExactText(member.key))
                    let key = isKnown ? member.key : name(member.key, "key")
                    return JSONMember(key, renamed(member.value, name: name, number: number))
                }
            )
        }
    }
}

extension PipelineEvent {
    /// The event with every time of it moved in the same way.
    func moved(_ move: (Timestamp) -> Timestamp) -> PipelineEvent {
        var event = self
        event.createdAt = move(createdAt)
        event.nextRetryAt = nextRetryAt.map(move)
        event.startedAt = startedAt.map(move)
        event.completedAt = completedAt.map(move)
        event.origin = nil
        return event
    }
}
