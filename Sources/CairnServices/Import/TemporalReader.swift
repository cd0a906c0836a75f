/// Reads the history of one Temporal workflow.
public struct TemporalReader: ImportReader {
    init(_ input: InputBytes, prefix: String, tenant: String) throws(ImportError) {
    }
    public mutating func next() throws(ImportError) -> ImportItem? { nil }
}
