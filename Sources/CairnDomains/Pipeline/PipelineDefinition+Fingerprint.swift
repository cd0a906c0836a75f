public import CairnCore

extension PipelineDefinition {
    /// The definition as JSON, in the shape that ``parse(_:)`` reads.
    public var json: JSONValue {
        .object([
            JSONMember("name", .string(name)),
            JSONMember("version", .number("\(version)")),
            JSONMember("open", .bool(isOpen)),
            JSONMember("stages", .array(stages.map(\.json))),
            JSONMember("event_types", .array(eventTypes.map(\.json))),
            JSONMember("retry", retry.json),
            JSONMember("metadata_indexes", .array(metadataIndexes.map { .string("\($0)") })),
        ])
    }

    /// Digest of everything the definition says: what checkpoints made under it carry.
    public var fingerprint: ContentDigest {
        let content = json.canonicalBytes
        return ContentDigest(type: "pipeline-definition", content: content.span.bytes)
    }
}

extension PipelineDefinition.Stage {
    fileprivate var json: JSONValue {
        var members = [JSONMember("name", .string(name))]
        if !aliases.isEmpty {
            members.append(JSONMember("aliases", .array(aliases.map { .string($0) })))
        }
        if let deadline { members.append(JSONMember("deadline_seconds", deadline.seconds)) }
        if !follows.isEmpty {
            members.append(JSONMember("follows", .array(follows.map { .string($0) })))
        }
        if let retry { members.append(JSONMember("retry", retry.json)) }
        return .object(members)
    }
}

extension PipelineDefinition.EventType {
    fileprivate var json: JSONValue {
        var members = [
            JSONMember("name", .string(name)),
            JSONMember("stage", .string(stage)),
            JSONMember("status", .string(status.word)),
        ]
        if let startedBy { members.append(JSONMember("started_by", .string(startedBy))) }
        if isTerminal { members.append(JSONMember("terminal", .bool(true))) }
        if mayComeAnytime { members.append(JSONMember("anytime", .bool(true))) }
        if let externalEffect {
            members.append(JSONMember("external_effect", .string(externalEffect.rawValue)))
        }
        return .object(members)
    }
}

extension RetryPolicy {
    fileprivate var json: JSONValue {
        .object([
            JSONMember("max_attempts", .number("\(attemptCountMax)")),
            JSONMember("initial_delay_seconds", initialDelay.seconds),
            JSONMember("multiplier", .decimal(multiplierThousandths, exponent: -3)),
            JSONMember("max_delay_seconds", delayMax.seconds),
            JSONMember("jitter", .decimal(jitterThousandths, exponent: -3)),
        ])
    }
}

extension TimeSpan {
    fileprivate var seconds: JSONValue { .decimal(nanoseconds, exponent: -9) }
}

extension JSONValue {
    /// A whole number of some power of ten, as the number it is.
    fileprivate static func decimal(_ count: Int64, exponent: Int) -> JSONValue {
        .number(JSONNumber("\(count)e\(exponent)")?.canonicalText ?? "\(count)e\(exponent)")
    }
}
