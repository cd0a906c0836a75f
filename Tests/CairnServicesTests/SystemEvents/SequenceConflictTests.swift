import Cairn
import CairnTesting
import Testing

/// Appends that expect a stream to have reached another sequence.
struct SequenceConflictTests {
    @Test(arguments: ConflictSite.Kind.allCases)
    func `an append that expects another sequence records it, once`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let stream = try StreamID(kind: StreamKind("order"), key: "1")
        func append(_ expected: ExpectedSequence, _ operation: String) async throws {
            let event = try NewEvent(type: "order.placed", occurredAt: .unixEpoch, payload: [1])
            try await site.journal.appendTellingConflict(
                [event, event],
                to: stream,
                expecting: expected,
                operation: operation
            )
        }
        func conflict(_ expected: ExpectedSequence, _ actual: UInt64) -> JournalError {
            .sequenceConflict(
                stream: stream,
                expected: expected,
                actual: SequenceNumber(rawValue: actual)
            )
        }
        let three = ExpectedSequence.exactly(SequenceNumber(rawValue: 3))
        try await site.refused(conflict(three, 0)) { try await append(three, "ship") }
        try await site.taken(2) { try await append(.noneYet, "place") }
        try await site.refused(conflict(.noneYet, 2)) { try await append(.noneYet, "place") }
        try await site.taken(2) { try await append(.exactly(SequenceNumber(rawValue: 2)), "ship") }
        func payload(_ operation: String, _ statuses: [String]) -> String {
            #"{"operation":"\#(operation)","expected_status":\#(statuses[0]),"#
                + #""actual_status":\#(statuses[1]),"new_status":\#(statuses[2]),"#
                + #""stream":"order/1"}"#
        }
        let expected = [
            payload("ship", [#""sequence 3""#, "null", #""sequence 5""#]),
            payload("place", ["null", #""sequence 2""#, #""sequence 2""#]),
        ]
        let conflicts = try await site.conflicts()
        #expect(conflicts == expected)
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `of an append to several streams nothing is there but the conflict`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let first = try StreamID(kind: StreamKind("order"), key: "1")
        let second = try StreamID(kind: StreamKind("order"), key: "2")
        let event = try NewEvent(type: "order.placed", occurredAt: .unixEpoch, payload: [1])
        let one = ExpectedSequence.exactly(SequenceNumber(rawValue: 1))
        func append(_ expected: ExpectedSequence) async throws {
            try await site.journal.appendTellingConflict(
                [
                    StreamAppend([event], to: first),
                    StreamAppend([event, event], to: second, expecting: expected),
                ],
                operation: "ship"
            )
        }
        try await site.refused(
            JournalError.sequenceConflict(stream: second, expected: one, actual: .zero)
        ) { try await append(one) }
        #expect(try await site.journal.lastSequence(of: first) == .zero)
        try await site.taken(3) { try await append(.noneYet) }
        #expect(
            try await site.conflicts() == [
                #"{"operation":"ship","expected_status":"sequence 1","actual_status":null,"#
                    + #""new_status":"sequence 3","stream":"order/2"}"#
            ]
        )
    }

    @Test func `a plain append tells its caller alone`() async throws {
        let site = try ConflictSite(.memory)
        let stream = try StreamID(kind: StreamKind("order"), key: "1")
        let event = try NewEvent(type: "order.placed", occurredAt: .unixEpoch, payload: [1])
        let one = ExpectedSequence.exactly(SequenceNumber(rawValue: 1))
        let error = JournalError.sequenceConflict(stream: stream, expected: one, actual: .zero)
        try await site.taken(0) {
            await #expect(throws: error) {
                try await site.journal.append(event, to: stream, expecting: one)
            }
            await #expect(throws: error) {
                try await site.journal.append([StreamAppend([event], to: stream, expecting: one)])
            }
        }
    }
}
