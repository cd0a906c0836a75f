internal import CairnCore
internal import CairnDomains

/// A row as bytes, for the time it is set aside to be sorted.
enum ImportRecord {
    static func encode(_ row: ImportRow, source: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.variable(UInt64(source))
        writer.text(row.request)
        switch row.key {
        case .sequenceNumber(let number):
            writer.variable(0 as UInt64)
            writer.variable(number)
        case .ordinal(let ordinal):
            writer.variable(1 as UInt64)
            writer.variable(ordinal)
        case .eventID(let id):
            writer.variable(2 as UInt64)
            writer.text(id.name)
        }
        switch row.place {
        case .line(let line):
            writer.variable(0 as UInt64)
            writer.variable(UInt64(line))
        case .event(let name, let ordinal, let line):
            writer.variable(1 as UInt64)
            writer.text(name)
            writer.variable(UInt64(ordinal))
            writer.variable(UInt64(line ?? 0))
        }
        writer.littleEndian(row.event.createdAt.nanoseconds)
        writer.blob(row.event.encoded())
        return writer.finish()
    }

    static func decode(_ record: [UInt8]) throws(PipelineCodecError) -> (ImportRow, source: Int) {
        var reader = ByteReader()
        do {
            return try decode(&reader, in: record.span.bytes)
        } catch let error as PipelineCodecError {
            throw error
        } catch {
            throw .truncated(offset: reader.offset)
        }
    }

    private static func decode(
        _ reader: inout ByteReader,
        in bytes: RawSpan
    ) throws -> (ImportRow, source: Int) {
        let source = Int(try reader.variable(in: bytes))
        let request = try reader.text(in: bytes)
        let key: ImportKey =
            switch try reader.variable(in: bytes) {
            case 0: .sequenceNumber(try reader.signedVariable(in: bytes))
            case 1: .ordinal(try reader.variable(in: bytes))
            default: .eventID(try EventID(try reader.text(in: bytes)))
            }
        let place: ImportPlace
        if try reader.variable(in: bytes) == 0 {
            place = .line(Int(try reader.variable(in: bytes)))
        } else {
            let name = try reader.text(in: bytes)
            let ordinal = Int(try reader.variable(in: bytes))
            let line = Int(try reader.variable(in: bytes))
            place = .event(case: name, ordinal: ordinal, line: line == 0 ? nil : line)
        }
        let createdAt = Timestamp(nanoseconds: try reader.littleEndian(in: bytes))
        let payload = bytes.extracting(try reader.blob(in: bytes))
        let event = try PipelineEvent(payload, occurredAt: createdAt)
        return (ImportRow(request: request, key: key, event: event, place: place), source)
    }
}
