import CairnTesting
import Testing

/// Where a machine's document says that turns lead to.
struct NextStandings {
    let table: TransitionTable?

    /// Reads the table behind a heading of a document in `Specs`.
    init(_ document: String, _ heading: String = "## Next standings") throws {
        let bytes = try PipelineDefinitionTests.specification(document)
        table = try? TransitionTable(
            markdown: String(decoding: bytes, as: UTF8.self),
            after: heading
        )
    }

    /// Expects that turns led to all that the document names, and to nothing else.
    func expectAll(
        of coverage: TransitionCoverage,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(coverage.next == table, "\(coverage.next.markdown)", sourceLocation: location)
    }
}
