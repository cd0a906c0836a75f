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
}
