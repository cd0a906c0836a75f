internal import CairnCore
internal import CairnDomains

// What can be left out of an event so that it is still one: columns that have a default, and
// members of its metadata, each on its own.

extension EventRow {
    /// How many parts of the event can be left out.
    public var partCount: Int {
        EventPart.all.count { $0.isPresent(event) } + (event.metadata.map(MetadataParts.count) ?? 0)
    }

    /// The event with some of its parts only.
    ///
    /// - Parameter parts: Their places, in rising order.
    /// - Returns: The same row with an event in which the columns of the others have their
    ///   defaults, and the metadata lacks their members.
    public func keeping(_ parts: [Int]) -> EventRow {
        var event = event
        let kept = Set(parts)
        var place = 0
        for part in EventPart.all where part.isPresent(self.event) {
            if !kept.contains(place) {
                part.remove(&event)
                event.origin = nil
            }
            place += 1
        }
        if let metadata = event.metadata {
            let names = Set(kept.filter { $0 >= place }.map { $0 - place })
            event.metadata = MetadataParts.keeping(names, of: metadata)
        }
        return EventRow(
            requestID: requestID,
            position: position,
            sequence: sequence,
            recordedAt: recordedAt,
            event: event
        )
    }
}

/// A column that can be left out.
private struct EventPart: Sendable {
    let isPresent: @Sendable (PipelineEvent) -> Bool
    let remove: @Sendable (inout PipelineEvent) -> Void

    static let all: [EventPart] = [
        EventPart(isPresent: { $0.sourceID != nil }, remove: { $0.sourceID = nil }),
        EventPart(
            isPresent: { $0.externalReference != nil },
            remove: { $0.externalReference = nil }
        ),
        EventPart(
            isPresent: { $0.durationMilliseconds != nil },
            remove: { $0.durationMilliseconds = nil }
        ),
        EventPart(isPresent: { $0.errorCode != nil }, remove: { $0.errorCode = nil }),
        EventPart(isPresent: { $0.errorMessage != nil }, remove: { $0.errorMessage = nil }),
        EventPart(isPresent: { $0.workerID != nil }, remove: { $0.workerID = nil }),
        EventPart(isPresent: { $0.serviceName != nil }, remove: { $0.serviceName = nil }),
        EventPart(isPresent: { $0.startedAt != nil }, remove: { $0.startedAt = nil }),
        EventPart(isPresent: { $0.completedAt != nil }, remove: { $0.completedAt = nil }),
        EventPart(isPresent: { $0.nextRetryAt != nil }, remove: { $0.nextRetryAt = nil }),
        EventPart(isPresent: { $0.sequenceNumber != nil }, remove: { $0.sequenceNumber = nil }),
        EventPart(isPresent: { $0.attempt != 1 }, remove: { $0.attempt = 1 }),
        EventPart(isPresent: { !$0.isRetryable }, remove: { $0.isRetryable = true }),
    ]
}

/// The metadata as a whole, and each member of it and of the objects in it, in their order.
private enum MetadataParts {
    static func count(_ bytes: [UInt8]) -> Int {
        1 + ((try? JSONValue.parse(bytes)).map(memberCount) ?? 0)
    }

    /// The metadata with some parts only; nil without the first, which is the whole.
    static func keeping(_ kept: Set<Int>, of bytes: [UInt8]) -> [UInt8]? {
        guard kept.contains(0) else { return nil }
        guard let value = try? JSONValue.parse(bytes), kept.count <= memberCount(of: value) else {
            return bytes
        }
        var writer = JSONWriter()
        var place = 1
        writer.value(keeping(kept, of: value, from: &place))
        return writer.bytes
    }

    private static func memberCount(of value: JSONValue) -> Int {
        guard case .object(let members) = value else { return 0 }
        return members.reduce(0) { $0 + 1 + memberCount(of: $1.value) }
    }

    private static func keeping(
        _ kept: Set<Int>,
        of value: JSONValue,
        from place: inout Int
    ) -> JSONValue {
        guard case .object(let members) = value else { return value }
        var left: [JSONMember] = []
        for member in members {
            let isKept = kept.contains(place)
            place += 1
            let value = keeping(kept, of: member.value, from: &place)
            if isKept { left.append(JSONMember(member.key, value)) }
        }
        return .object(left)
    }
}
