public import CairnCore

extension Generator where Value == Timestamp {
    /// Instants; the first of 1970 is simplest.
    public static func timestamp(
        in range: ClosedRange<Timestamp> = .distantPast ... .distantFuture
    ) -> Generator {
        let numbers = range.lowerBound.nanoseconds...range.upperBound.nanoseconds
        return time(numbers).map { Timestamp(nanoseconds: $0) }
    }
}

extension Generator where Value == TimeSpan {
    /// Spans of time; none is simplest.
    public static func timeSpan(
        in range: ClosedRange<TimeSpan> = TimeSpan(nanoseconds: .min)...TimeSpan(nanoseconds: .max)
    ) -> Generator {
        let numbers = range.lowerBound.nanoseconds...range.upperBound.nanoseconds
        return time(numbers).map { TimeSpan(nanoseconds: $0) }
    }
}

extension Generator where Value == Duration {
    /// Durations of whole nanoseconds, as many as 64 bits hold; none is simplest.
    ///
    /// The range has to have one of them.
    public static func duration(
        in range: ClosedRange<Duration> = .nanoseconds(Int64.min) ... .nanoseconds(Int64.max)
    ) -> Generator {
        // Bounds between two nanoseconds are moved inwards.
        let lower = -floor(-range.lowerBound.attoseconds)
        let upper = floor(range.upperBound.attoseconds)
        let numbers = (max(lower, Int128(Int64.min)), min(upper, Int128(Int64.max)))
        precondition(numbers.0 <= numbers.1, "no duration in \(range) is made")
        let clamped = Int64(clamping: numbers.0)...Int64(clamping: numbers.1)
        return time(clamped).map { .nanoseconds($0) }
    }

    /// The whole nanoseconds at or below a number of attoseconds.
    private static func floor(_ attoseconds: Int128) -> Int128 {
        let (quotient, remainder) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Generator {
    /// Nanoseconds, of which whole seconds come up more often than chance has it.
    fileprivate static func time(_ range: ClosedRange<Int64>) -> Generator<Int64> {
        let domain = ChoiceDomain.integer(
            IntegerDomain(
                lower: Int128(range.lowerBound),
                upper: Int128(range.upperBound),
                origin: 0
            )
        )
        return Generator<Int64>(label: SpanLabel("time")) { draw throws(CaseStop) in
            let suggestion: Int128?? = draw.tape.withRandom { random in
                guard random.generator.isHit(1, outOf: 4) else { return nil }
                // Seconds of these years.
                return Int128(random.generator.below(4_000_000_000)) * 1_000_000_000
            }
            let fitting = domain.fitting(suggestion ?? nil)
            return Int64(truncatingIfNeeded: try draw.tape.choose(domain, suggestion: fitting))
        }
    }
}

extension Generator where Value == JSONValue {
    /// JSON; null is simplest.
    ///
    /// Keys of one object may repeat, and numbers come in many spellings.
    public static func json(depthMax: Int = 3) -> Generator {
        let leaf = one(
            of: .constant(.null),
            Generator<Bool>.bool().map { .bool($0) },
            jsonNumber,
            Generator<String>.text().map { .string($0) }
        )
        return recursive(leaf, depthMax: depthMax) { value in
            let member = Generator<(String, JSONValue)>.tuple(.text(), value)
            return one(
                of: Generator<[JSONValue]>.array(of: value).map { .array($0) },
                Generator<[JSONMember]>.array(of: member.map { JSONMember($0, $1) })
                    .map { .object($0) }
            )
        }
    }

    private static var jsonNumber: Generator {
        one(
            of: Generator<Int>.int().map { .number("\($0)") },
            Generator<Double>.double().map { .number("\($0)") },
            sampled(
                from: ["-0", "1.0", "1e3", "1E+2", "10e-1", "0.1", "18446744073709551616"].map {
                    .number($0)
                }
            )
        )
    }
}
