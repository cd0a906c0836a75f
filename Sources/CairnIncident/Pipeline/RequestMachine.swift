public import CairnCore
public import CairnDomains

/// What stands in a request's stream: a row of it, or the removal of all before.
public enum RequestEvent: Hashable, Sendable {
    case row(PipelineEvent)
    case removal(Removal)
}

/// The pipeline machine as the incident tool reads it, removals included.
public struct RequestMachine: InspectableMachine {
    public let machine: PipelineMachine

    public init(_ definition: PipelineDefinition = .priorAuthorization) {
        machine = PipelineMachine(definition)
    }

    public var streamKind: StreamKind { PipelineEvent.streamKind }

    public var initial: RequestFold { RequestFold(state: machine.initial) }

    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> RequestEvent? {
        if PipelineGate.hasRowType(header, frame: frame) {
            if header.flags.contains(.isErased) { return nil }
            do throws(PipelineCodecError) {
                return .row(try PipelineEvent(header, frame: frame))
            } catch {
                throw error.ofStoredEvent
            }
        }
        if let removal = try Removal.stored(header, frame: frame), removal.extent == .stream {
            return .removal(removal)
        }
        if header.flags.contains(.mayBeIgnored) { return nil }
        throw .unknownType(header.type(in: frame))
    }

    public func evolve(_ state: inout RequestFold, by event: RequestEvent) {
        switch event {
        case .row(let row): state.take(row, by: machine)
        case .removal:
            let removedCount = state.removedCount + Int(clamping: state.state.eventCount)
            state = initial
            state.removedCount = removedCount
        }
    }

    public func passOver(_ state: inout RequestFold) {}

    public func isSeen(_ state: RequestFold) -> Bool { state.state.eventCount > 0 }

    /// The stage, the type and the status of a row, with aliases resolved.
    public func name(of event: RequestEvent) -> String {
        switch event {
        case .row(let row):
            "\(machine.definition.stageName(of: row.stage)) \(row.eventType) \(row.status.word)"
        case .removal: "removed"
        }
    }

    /// The fields of ``RequestRow`` that say what the state is, under their names.
    public func document(of state: RequestFold) -> JSONValue {
        let row = RequestRow(
            requestID: "",
            state: state.state,
            now: Timestamp(nanoseconds: 0),
            metadata: state.metadata
        )
        let fields = RequestField.allCases.filter { $0 != .requestID && $0 != .timeInState }
        return .object(
            fields.map { JSONMember($0.rawValue, row.document(of: $0, at: [])) }
        )
    }

    public func document(of event: RequestEvent) -> JSONValue {
        switch event {
        case .row(let row): row.document
        case .removal(let removal):
            .object([
                JSONMember("removed_at", .string(removal.at.rfc3339)),
                JSONMember("by", JSONValue(.text(removal.by))),
                JSONMember("reason", JSONValue(.text(removal.reason))),
            ])
        }
    }

    public func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> RequestEvent {
        .row(try PipelineEvent(document: document, at: instant))
    }

    public func standing(
        _ state: RequestFold,
        of stream: StreamID,
        now: Timestamp
    ) -> RequestRow {
        RequestRow(requestID: stream.key, state: state.state, now: now, metadata: state.metadata)
    }
}

extension RequestRow {
    /// What a field says; where parts of it are found by name, an object of them.
    fileprivate func document(of field: RequestField, at path: [String]) -> JSONValue {
        if field == .metadata {
            return metadata.flatMap { try? JSONValue.parse($0) } ?? .null
        }
        let value = value(of: field, at: JSONPath(parts: path))
        guard case .names(let names) = value else { return JSONValue(value) }
        return .object(names.map { JSONMember($0, document(of: field, at: path + [$0])) })
    }
}

extension PipelineCodecError {
    /// The same in the terms of stored machines.
    fileprivate var ofStoredEvent: EventCodecError {
        switch self {
        case .truncated, .malformed:
            .malformed(type: PipelineEvent.frameType, reason: description)
        case .newerVersion(let version):
            .newerVersion(type: PipelineEvent.frameType, version: version)
        case .unknownType(let type): .unknownType(type)
        }
    }
}
