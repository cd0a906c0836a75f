internal import CairnCore
internal import CairnDomains

/// How a session's record is stored: its prompt, whether it has ended, the events that wait for a
/// prompt, and each register's events.
extension PromptSessionRecord {
    func write(to bytes: inout ByteWriter) {
        bytes.variable(prompt?.rawValue ?? 0)
        bytes.littleEndian(hasLeft ? 1 : 0 as UInt8)
        bytes.variable(UInt64(waiting.count))
        for event in waiting {
            Self.write(event.key, to: &bytes)
            PromptProjection.write(event.act, event.createdAt, to: &bytes)
        }
        for register in registers {
            bytes.variable(UInt64(register.count))
            register.forEach { entry in
                Self.write(entry.key, to: &bytes)
                bytes.littleEndian(entry.counter?.kind.rawValue ?? Self.noCounter)
                bytes.variable(entry.counter?.number ?? 0)
            }
        }
    }

    private static let noCounter = UInt8.max

    private static func write(_ key: PromptEventKey, to bytes: inout ByteWriter) {
        bytes.littleEndian(key.promptTime.seconds.bitPattern)
        bytes.text(key.uid.name)
    }

    init(_ place: inout ByteReader, _ bytes: RawSpan) throws(TruncatedBytes) {
        let number = try place.variable(in: bytes)
        let hasLeft = try place.littleEndian(UInt8.self, in: bytes) == 1
        var waiting: [PromptEvent] = []
        for _ in 0..<(try place.variable(in: bytes)) {
            let key = try Self.key(&place, bytes)
            let (act, createdAt) = try PromptProjection.act(&place, bytes)
            waiting.append(
                PromptEvent(
                    uid: key.uid,
                    act: act,
                    promptTime: key.promptTime,
                    createdAt: createdAt
                )
            )
        }
        var registers: [PromptRegister] = []
        for _ in Kind.allCases { registers.append(try Self.register(&place, bytes)) }
        self.init(
            prompt: number == 0 ? nil : PromptNumber(rawValue: number),
            hasLeft: hasLeft,
            waiting: waiting,
            registers: registers
        )
    }

    private static func register(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptRegister {
        var entries: [PromptRegister.Entry] = []
        for _ in 0..<(try place.variable(in: bytes)) {
            let key = try key(&place, bytes)
            let raw = try place.littleEndian(UInt8.self, in: bytes)
            let number = try place.signedVariable(in: bytes)
            var counter: PromptCounter?
            if raw != noCounter {
                guard let kind = PromptCounter.Kind(rawValue: raw) else {
                    throw TruncatedBytes(offset: place.offset)
                }
                counter = PromptCounter(kind: kind, number: number)
            }
            entries.append(PromptRegister.Entry(key: key, counter: counter))
        }
        return PromptRegister(entries)
    }

    private static func key(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptEventKey {
        let bits = try place.littleEndian(UInt64.self, in: bytes)
        let uid = try place.text(in: bytes)
        return try PromptProjection.eventKey(Double(bitPattern: bits), uid, place.offset)
    }
}
