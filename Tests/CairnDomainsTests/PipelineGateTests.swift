import CairnCore
import CairnDomains
import Testing

struct PipelineGateTests {
    struct Stored {
        let header: EventHeader
        let bytes: [UInt8]

        func isRow(by gate: inout PipelineGate) -> Bool {
            gate.isRow(header, frame: bytes.span.bytes)
        }

        func isRowOfRequest() throws -> Bool {
            try PipelineGate.isRow(header, frame: bytes.span.bytes)
        }

        var isRemoval: Bool { PipelineGate.isRemoval(header, frame: bytes.span.bytes) }

        func fold(into fold: inout PipelineFold) throws {
            try fold.take(header, frame: bytes.span.bytes)
        }
    }

    /// A frame in the stream 5, or its first one.
    private static func frame(
        type: String,
        at position: UInt64 = 6,
        mayBeIgnored: Bool = false,
        naming stream: String? = nil,
        isErased: Bool = false
    ) throws -> Stored {
        let row = RandomPipeline.plain("PARSING", "PARSE_START", .started)
        let event = try NewEvent(
            type: type,
            occurredAt: row.createdAt,
            mayBeIgnored: mayBeIgnored,
            payload: isErased ? [] : row.encoded()
        )
        let place = EventPlace(
            position: Position(rawValue: position),
            streamNumber: StreamNumber(rawValue: 5),
            sequence: SequenceNumber(rawValue: 1),
            recordedAt: .unixEpoch
        )
        var bytes: [UInt8] = []
        Frame.encode(event, at: place, naming: try stream.map { try StreamID($0) }, into: &bytes)
        if isErased { bytes[9] |= Frame.Flags.isErased.rawValue }
        let header = try EventHeader(
            frame: bytes.span.bytes,
            position: place.position,
            verifiesChecksum: false
        )
        return Stored(header: header, bytes: bytes)
    }

    @Test func `rows are taken, and erased ones passed over`() throws {
        var gate = PipelineGate()
        for (isErased, expected) in [(false, true), (true, false)] {
            let row = try Self.frame(type: "pipeline", isErased: isErased)
            #expect(row.isRow(by: &gate) == expected)
            #expect(try row.isRowOfRequest() == expected)
        }
        #expect(gate.takeSuspects().isEmpty)
    }

    @Test func `in a request's stream only what says so is passed over`() throws {
        #expect(try !Self.frame(type: "note", mayBeIgnored: true).isRowOfRequest())
        #expect(throws: PipelineCodecError.unknownType("rule")) {
            try Self.frame(type: "rule").isRowOfRequest()
        }
    }

    @Test func `a stream that is not known to be another's is looked up once`() throws {
        var gate = PipelineGate()
        let second = try Self.frame(type: "rule", at: 7)
        #expect(!second.isRow(by: &gate))
        #expect(try !Self.frame(type: "law", at: 6).isRow(by: &gate))
        let suspects = gate.takeSuspects()
        #expect(suspects.map(\.position.rawValue) == [6])
        #expect(try suspects.first?.error(in: StreamID("pipeline/x")) == .unknownType("law"))
        #expect(try suspects.first?.error(in: StreamID("job/x")) == nil)
        #expect(!second.isRow(by: &gate))
        #expect(gate.takeSuspects().isEmpty)
    }

    @Test(arguments: [("job/x", 0), ("pipeline/x", 1)], [false, true])
    func `the first event of a stream says whose it is`(
        stream: (name: String, suspectCount: Int),
        isBackwards: Bool
    ) throws {
        let frames = [
            try Self.frame(type: "rule", at: 5, naming: stream.name), try Self.frame(type: "rule"),
        ]
        var gate = PipelineGate()
        for frame in isBackwards ? frames.reversed() : frames {
            #expect(!frame.isRow(by: &gate))
        }
        #expect(gate.takeSuspects().count == stream.suspectCount)
    }

    @Test func `the fleet's fold keeps the same rule`() throws {
        var fold = PipelineFold()
        let rule = try Self.frame(type: "rule")
        try rule.fold(into: &fold)
        try Self.frame(type: "pipeline", at: 5, naming: "pipeline/x").fold(into: &fold)
        #expect(throws: PipelineCodecError.unknownType("rule")) { try rule.fold(into: &fold) }
        try Self.frame(type: "pipeline", isErased: true).fold(into: &fold)
        #expect(fold.eventCount == 1)
    }

    @Test func `a removal is known, and takes what the fleet's fold has of its request`() throws {
        var fold = PipelineFold()
        try Self.frame(type: "pipeline", at: 5, naming: "pipeline/x").fold(into: &fold)
        let removal = try Self.removal()
        #expect(try !removal.isRowOfRequest())
        #expect(removal.isRemoval)
        try removal.fold(into: &fold)
        #expect(fold.requests.values.map(\.eventCount) == [0])
        try Self.frame(type: "pipeline", at: 8).fold(into: &fold)
        #expect(fold.requests.values.map(\.eventCount) == [1])
        // One of a later version is known to nobody here.
        let newer = try Self.removal(typeVersion: 2)
        #expect(throws: PipelineCodecError.unknownType("removal.forgotten")) {
            try newer.isRowOfRequest()
        }
        var gate = PipelineGate()
        #expect(!removal.isRow(by: &gate))
        #expect(gate.takeSuspects().isEmpty)
        #expect(!newer.isRow(by: &gate))
        #expect(gate.takeSuspects().count == 1)
    }

    /// The removal of the stream 5.
    private static func removal(typeVersion: UInt8 = 1) throws -> Stored {
        let written = try Removal(.stream, at: .unixEpoch).newEvent()
        let event = try NewEvent(
            type: written.type,
            typeVersion: typeVersion,
            occurredAt: .unixEpoch,
            payload: written.payload
        )
        let place = EventPlace(
            position: Position(rawValue: 7),
            streamNumber: StreamNumber(rawValue: 5),
            sequence: SequenceNumber(rawValue: 2),
            recordedAt: .unixEpoch
        )
        var bytes: [UInt8] = []
        Frame.encode(event, at: place, naming: nil, into: &bytes)
        let header = try EventHeader(
            frame: bytes.span.bytes,
            position: place.position,
            verifiesChecksum: false
        )
        return Stored(header: header, bytes: bytes)
    }
}
