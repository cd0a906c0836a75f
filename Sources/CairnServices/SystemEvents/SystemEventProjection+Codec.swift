internal import CairnCore
internal import CairnEngine

/// How the index of system events is written: a tag, and then what it names.
extension SystemEventProjection {
    enum Key: Sendable {
        case type(EventTypeName)
        case members(SystemEventTerm, EventBlock)
        /// The instants of a block's system events, in their order.
        case times(EventBlock)
        case spans(level: UInt8, UInt64)
        /// The events of a lead and a level in one stretch.
        case lead(Int64, level: UInt8, LeadBlock)
        /// The block that events come to.
        case last
    }

    enum Value: Sendable {
        case number(UInt64)
        case members(BlockMembers)
        case times([Int64])
        case spans([ChildSpan])
        /// In the order of their positions.
        case lead([LeadGlance])
    }

    private enum Tag {
        static let type: UInt8 = 1
        static let members: UInt8 = 2
        static let times: UInt8 = 3
        static let spans: UInt8 = 4
        static let lead: UInt8 = 5
        static let last: UInt8 = 6
    }

    private enum TermTag {
        static let unreadable: UInt8 = 1
        static let level: UInt8 = 2
        static let both: UInt8 = 4
    }

    enum ValueTag {
        static let number: UInt8 = 0
        /// All bits of the members.
        static let bits: UInt8 = 1
        /// The members one by one.
        static let list: UInt8 = 2
        static let times: UInt8 = 3
        static let spans: UInt8 = 4
        static let lead: UInt8 = 5
    }

    private static let signBit: UInt64 = 1 << 63

    // MARK: keys

    func write(_ key: Key, to bytes: inout ByteWriter) {
        switch key {
        case .type(let name):
            bytes.bigEndian(Tag.type)
            bytes.raw(name.bytes)
        case .members(let term, let block):
            write(term, to: &bytes)
            bytes.bigEndian(block.rawValue)
        case .times(let block):
            bytes.bigEndian(Tag.times)
            bytes.bigEndian(block.rawValue)
        case .spans(let level, let index):
            bytes.bigEndian(Tag.spans)
            bytes.bigEndian(level)
            bytes.bigEndian(index)
        case .lead(let lead, let level, let block):
            write(lead: lead, level: level, to: &bytes)
            bytes.bigEndian(block.rawValue)
        case .last: bytes.bigEndian(Tag.last)
        }
    }

    private func write(_ term: SystemEventTerm, to bytes: inout ByteWriter) {
        bytes.bigEndian(Tag.members)
        switch term {
        case .unreadable: bytes.bigEndian(TermTag.unreadable)
        case .level(let level):
            bytes.bigEndian(TermTag.level)
            bytes.bigEndian(level)
        case .both(let type, let level):
            bytes.bigEndian(TermTag.both)
            bytes.bigEndian(type)
            bytes.bigEndian(level)
        }
    }

    private func write(lead: Int64, level: UInt8, to bytes: inout ByteWriter) {
        bytes.bigEndian(Tag.lead)
        bytes.bigEndian(UInt64(bitPattern: lead) ^ Self.signBit)
        bytes.bigEndian(level)
    }

    func prefix(of term: SystemEventTerm) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        write(term, to: &writer)
        return writer.finish()
    }

    func prefix(ofLead lead: Int64, level: UInt8) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        write(lead: lead, level: level, to: &writer)
        return writer.finish()
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key {
        var place = ByteReader()
        func number() throws(TruncatedBytes) -> UInt64 {
            bytes.bigEndian(at: try place.take(8, in: bytes).lowerBound)
        }
        func byte() throws(TruncatedBytes) -> UInt8 { try place.littleEndian(in: bytes) }
        func term() throws(TruncatedBytes) -> SystemEventTerm {
            switch try byte() {
            case TermTag.unreadable: .unreadable
            case TermTag.level: .level(try byte())
            case TermTag.both: .both(type: try number(), level: try byte())
            default: throw TruncatedBytes(offset: 1)
            }
        }
        switch try byte() {
        case Tag.type:
            let rest = try place.take(bytes.byteCount - 1, in: bytes)
            return .type(EventTypeName(bytes: bytes.extracting(rest).array()))
        case Tag.members:
            let term = try term()
            return .members(term, EventBlock(rawValue: try number()))
        case Tag.times: return .times(EventBlock(rawValue: try number()))
        case Tag.spans:
            let level = try byte()
            return .spans(level: level, try number())
        case Tag.lead:
            let lead = Int64(bitPattern: try number() ^ Self.signBit)
            let level = try byte()
            return .lead(lead, level: level, LeadBlock(rawValue: try number()))
        case Tag.last: return .last
        default: throw TruncatedBytes(offset: 0)
        }
    }

    // MARK: values

    func write(_ value: Value, to bytes: inout ByteWriter) {
        switch value {
        case .number(let number):
            bytes.littleEndian(ValueTag.number)
            bytes.littleEndian(number)
        case .members(let members): write(members, to: &bytes)
        case .times(let times):
            bytes.littleEndian(ValueTag.times)
            var last: Int64 = 0
            for time in times {
                bytes.variable(time &- last)
                last = time
            }
        case .spans(let spans):
            bytes.littleEndian(ValueTag.spans)
            for child in spans {
                bytes.littleEndian(child.child)
                bytes.littleEndian(child.span.earliest)
                bytes.littleEndian(child.span.latest)
            }
        case .lead(let glances):
            bytes.littleEndian(ValueTag.lead)
            var last: Int64 = 0
            for glance in glances {
                bytes.littleEndian(glance.place)
                bytes.variable(glance.type)
                bytes.variable(glance.createdAt &- last)
                last = glance.createdAt
            }
        }
    }

    private func write(_ members: BlockMembers, to bytes: inout ByteWriter) {
        guard members.count < BlockMembers.listCountMax else {
            bytes.littleEndian(ValueTag.bits)
            for word in members.words { bytes.littleEndian(word) }
            return
        }
        bytes.littleEndian(ValueTag.list)
        members.forEachBackwards { place in
            bytes.littleEndian(UInt16(place))
            return true
        }
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value {
        var place = ByteReader()
        let tag = try place.littleEndian(UInt8.self, in: bytes)
        switch tag {
        case ValueTag.number: return .number(try place.littleEndian(in: bytes))
        case ValueTag.bits:
            var words: [UInt64] = []
            words.reserveCapacity(BlockMembers.wordCount)
            for _ in 0..<BlockMembers.wordCount { words.append(try place.littleEndian(in: bytes)) }
            return .members(BlockMembers(words: words))
        case ValueTag.list:
            var members = BlockMembers()
            while place.offset < bytes.byteCount {
                let member = Int(try place.littleEndian(UInt16.self, in: bytes))
                guard member < EventBlock.positionCount else {
                    throw TruncatedBytes(offset: place.offset)
                }
                members.insert(member)
            }
            return .members(members)
        case ValueTag.times:
            var times: [Int64] = []
            times.reserveCapacity(bytes.byteCount / 3)
            var last: Int64 = 0
            while place.offset < bytes.byteCount {
                last &+= try place.signedVariable(in: bytes)
                times.append(last)
            }
            return .times(times)
        case ValueTag.spans:
            var spans: [ChildSpan] = []
            while place.offset < bytes.byteCount {
                let child = try place.littleEndian(UInt8.self, in: bytes)
                let earliest = try place.littleEndian(Int64.self, in: bytes)
                let span = EventSpan(
                    earliest: earliest,
                    latest: try place.littleEndian(in: bytes)
                )
                spans.append(ChildSpan(child: child, span: span))
            }
            return .spans(spans)
        case ValueTag.lead:
            var glances: [LeadGlance] = []
            try Self.readGlances(bytes, into: &glances)
            return .lead(glances)
        default: throw TruncatedBytes(offset: 0)
        }
    }
}
