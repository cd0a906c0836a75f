internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB

/// The pipeline definition that requests are read by: given as a file, remembered, or built in.
///
/// What `import --pipeline` is given is appended to the journal as an event of its own, so that
/// every later verb, on this machine or on a copy, reads the requests by the same rules.
enum PipelineFile {
    /// The frame type of a remembered definition; programs that do not know it pass over it.
    static let frameType = "pipeline.definition"
    /// The stream that holds the definitions of a journal, the last one in force.
    static let streamName = "definition/pipeline"

    /// Finds the definition to read requests by.
    static func definition(
        given path: String?,
        rememberedBy journal: LMDBJournal,
        upTo bound: Position?
    ) async throws(CommandFailure) -> PipelineDefinition {
        if let path { return try parse(try FileBytes.read(path), path) }
        guard let bytes = try await remembered(by: journal, upTo: bound) else {
            return .priorAuthorization
        }
        return try parse(bytes, "the definition that \(journal.path) remembers")
    }

    /// Reads a definition and checks it.
    static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        let bytes = try FileBytes.read(path)
        _ = try parse(bytes, path)
        return bytes
    }

    /// The bytes of the definition in force; nil if the journal remembers none.
    static func remembered(
        by journal: LMDBJournal,
        upTo bound: Position?
    ) async throws(CommandFailure) -> [UInt8]? {
        guard let stream = try? StreamID(streamName) else { return nil }
        var bytes: [UInt8]?
        do {
            try await journal.forEachEvent(of: stream, .backwards, upTo: bound) { header, frame in
                bytes = frame.extracting(header.payloadRange).array()
                return .stop
            }
        } catch {
            throw CommandFailure(error, path: journal.path)
        }
        return bytes
    }

    /// Reads the bytes of a definition.
    static func parse(
        _ bytes: [UInt8],
        _ source: String
    ) throws(CommandFailure) -> PipelineDefinition {
        do {
            return try PipelineDefinition.parse(bytes)
        } catch {
            throw CommandFailure(.badInput, "\(source): \(error)")
        }
    }

    /// The event that has a journal remember a definition.
    static func event(
        of definition: [UInt8],
        at instant: Timestamp = .now(),
        recordedAt: Timestamp? = nil
    ) throws(JournalError) -> NewEvent {
        do {
            return try NewEvent(
                type: frameType,
                occurredAt: instant,
                recordedAt: recordedAt,
                mayBeIgnored: true,
                codec: .json,
                payload: definition
            )
        } catch {
            throw .limit(error)
        }
    }

    /// The same, for the journal of a bundle, which begins with it.
    static func append(
        _ definition: [UInt8],
        recordedAt: Timestamp
    ) throws(CommandFailure) -> StreamAppend {
        do throws(JournalError) {
            let event = try event(of: definition, at: recordedAt, recordedAt: recordedAt)
            return StreamAppend([event], to: try stream())
        } catch {
            throw CommandFailure(error, path: streamName)
        }
    }

    private static func stream() throws(JournalError) -> StreamID {
        do throws(LimitError) { return try StreamID(streamName) } catch { throw .limit(error) }
    }

    /// A definition without what is said in it for people: the rules and their words alone.
    static func withoutDescriptions(_ definition: [UInt8]) -> [UInt8] {
        func bare(_ value: JSONValue) -> JSONValue {
            switch value {
            case .null, .bool, .number, .string: value
            case .array(let elements): .array(elements.map { bare($0) })
            case .object(let members):
                .object(
                    members.filter { !["$schema", "description"].contains($0.key) }
                        .map { JSONMember($0.key, bare($0.value)) }
                )
            }
        }
        guard let value = try? JSONValue.parse(definition) else { return definition }
        var writer = JSONWriter()
        writer.value(bare(value))
        return writer.bytes
    }
}
