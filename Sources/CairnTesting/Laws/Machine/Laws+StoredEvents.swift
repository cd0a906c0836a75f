public import CairnCore

extension Laws {
    /// Law 6.2: a stored event that is not known, newer or damaged stops the fold with a typed
    /// error; only one that says so, or was erased, is passed over.
    ///
    /// Whatever of damaged bytes is still read as an event has to fold.
    ///
    /// - Parameters:
    ///   - machine: The rules, and how events are stored.
    ///   - events: Makes events.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    @discardableResult
    public static func unknownEventsStopTheFold<Rules: StoredMachine>(
        _ machine: Rules,
        events: Generator<Rules.Event>,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(.unknownEvents, of: "\(Rules.self)", tokens, settings, site) { draw in
            let event = try machine.newEvent(try draw(events, "event"))
            let change = try draw(.allCases() as Generator<StoredChange>, "change")
            let (stored, words) = try change.apply(to: event, &draw)
            let found: Result<Rules.Event?, EventCodecError>
            do {
                found = .success(try stored.event(machine))
            } catch let error as EventCodecError {
                found = .failure(error)
            }
            if let flaw = change.flaw(in: found.map { $0.map { "\($0)" } }) {
                throw LawFailure(
                    .unknownEvents,
                    "an event of type '\(event.type)' \(words) \(flaw)"
                )
            }
            guard case .success(let read?) = found else { return }
            var state = machine.initial
            machine.evolve(&state, by: read)
        }
    }

    /// Law 11.1: an event that was written, read back and written again is the same bytes.
    ///
    /// - Parameters:
    ///   - machine: The rules, and how events are stored.
    ///   - events: Makes events.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    @discardableResult
    public static func encodingIsStable<Rules: StoredMachine>(
        _ machine: Rules,
        events: Generator<Rules.Event>,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.stableEncoding
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let event = try draw(events, "event")
            let first = try machine.newEvent(event)
            guard let read = try StoredBytes(first).event(machine) else {
                throw LawFailure(law, "\(event) is written, and then passed over")
            }
            let second = try machine.newEvent(read)
            let (expected, found) = (StoredParts(first), StoredParts(second))
            guard found != expected else { return }
            throw LawFailure(law, "\(event) is read back as \(read): \(found) for \(expected)")
        }
    }
}

/// All that a journal keeps of a new event.
private struct StoredParts: Hashable, CustomStringConvertible {
    let type: String
    let typeVersion: UInt8
    let id: EventID?
    let occurredAt: Timestamp
    let mayBeIgnored: Bool
    let codec: PayloadCodec
    let payload: [UInt8]
    let digest: ContentDigest

    init(_ event: NewEvent) {
        type = event.type
        typeVersion = event.typeVersion
        id = event.id
        occurredAt = event.occurredAt
        mayBeIgnored = event.mayBeIgnored
        codec = event.codec
        payload = event.payload
        digest = event.contentDigest
    }

    var description: String {
        "\(type) v\(typeVersion) id \(id?.name ?? "-") at \(occurredAt) payload \(payload)"
    }
}

/// What stands in a journal instead of the event that was written.
private enum StoredChange: CaseIterable, Sendable {
    case unknown, unknownAndIgnorable, newer, damaged, erased

    func apply(
        to event: NewEvent,
        _ draw: inout Draw
    ) throws -> (stored: StoredBytes, words: String) {
        switch self {
        case .unknown:
            let stored = try event.changed(type: event.unheardOf, mayBeIgnored: false)
            return (StoredBytes(stored), "renamed")
        case .unknownAndIgnorable:
            let stored = try event.changed(type: event.unheardOf, mayBeIgnored: true)
            return (StoredBytes(stored), "renamed, that may be ignored,")
        case .newer:
            let stored = try event.changed(typeVersion: .max, mayBeIgnored: false)
            return (StoredBytes(stored), "in version 255")
        case .damaged:
            let (words, payload) = try Damage.draw(of: event.payload, &draw)
            let stored = try event.changed(mayBeIgnored: false, payload: payload)
            return (StoredBytes(stored), "with \(words)")
        case .erased:
            var stored = StoredBytes(try event.changed(payload: []))
            stored.isErased = true
            return (stored, "that was erased")
        }
    }

    /// What is wrong with what the machine made of it; nil for nothing.
    func flaw(in found: Result<String?, EventCodecError>) -> String? {
        switch (self, found) {
        case (.unknown, .failure(.unknownType)), (.unknownAndIgnorable, .success(nil)),
            (.newer, .failure), (.damaged, .failure), (.damaged, .success(.some)),
            (.erased, .success(nil)):
            nil
        case (_, .success(nil)): "is passed over"
        case (_, .success(let event?)): "is read as \(event)"
        case (_, .failure(let error)): "is refused: \(error)"
        }
    }
}

extension NewEvent {
    /// A type that no program knows, and that a journal takes.
    fileprivate var unheardOf: String {
        let suffix = ".unheard-of"
        var prefix = Substring(type)
        while prefix.utf8.count + suffix.utf8.count > Limits.eventTypeByteCountMax {
            prefix.removeLast()
        }
        return prefix + suffix
    }
}
