extension Generator where Value == Bool {
    /// False or true; false is simpler.
    ///
    /// - Parameter percent: How often it is true.
    /// - Returns: The generator.
    public static func bool(percent: Int = 50) -> Generator {
        Generator(label: SpanLabel("bool")) { draw throws(CaseStop) in
            let suggestion: Int128? = draw.tape.withRandom { random in
                random.generator.isHit(percent, outOf: 100) ? 1 : 0
            }
            return try draw.tape.choose(.integer(.bool), suggestion: suggestion) != 0
        }
    }
}

extension Generator where Value == Int {
    /// Whole numbers, the simplest of which is the one nearest to the origin.
    public static func int(
        in range: ClosedRange<Int> = .min ... .max,
        towards origin: Int = 0
    ) -> Generator {
        integer(in: range, towards: origin)
    }
}

extension Generator where Value: FixedWidthInteger & Sendable {
    /// Whole numbers of any width, the simplest of which is the one nearest to the origin.
    ///
    /// Edges of the range, and numbers that the case drew before, come up more often than chance
    /// has it. Of two numbers equally far from the origin the one above it is simpler.
    public static func integer(
        in range: ClosedRange<Value> = Value.min...Value.max,
        towards origin: Value = 0
    ) -> Generator {
        guard
            let lower = Int64(exactly: range.lowerBound).map({ Int128($0) })
                ?? UInt64(exactly: range.lowerBound).map({ Int128($0) }),
            let upper = Int64(exactly: range.upperBound).map({ Int128($0) })
                ?? UInt64(exactly: range.upperBound).map({ Int128($0) }),
            upper - lower <= Int128(UInt64.max)
        else { return wide(range, towards: origin) }
        let nearest = min(max(origin, range.lowerBound), range.upperBound)
        let domain = IntegerDomain(
            lower: lower,
            upper: upper,
            origin: Int128(truncatingIfNeeded: nearest)
        )
        return Generator(label: SpanLabel("integer")) { draw throws(CaseStop) in
            Value(truncatingIfNeeded: try draw.tape.choose(.integer(domain)))
        }
    }

    /// Numbers of more than 64 bits: their distance from the range's simplest number, in halves.
    ///
    /// Numbers below the simplest come by a choice of the side.
    private static func wide(_ range: ClosedRange<Value>, towards origin: Value) -> Generator {
        let nearest = min(max(origin, range.lowerBound), range.upperBound)
        let limb = Generator<UInt64>.integer()
        return Generator(label: SpanLabel("wide integer")) { draw throws(CaseStop) in
            let above = Value.Magnitude(truncatingIfNeeded: range.upperBound &- nearest)
            let below = Value.Magnitude(truncatingIfNeeded: nearest &- range.lowerBound)
            let isBelow =
                if below > 0, above > 0 { try Generator<Bool>.bool().draw(&draw) } else {
                    below > 0
                }
            let room = isBelow ? below : above
            var distance = Value.Magnitude.zero
            for _ in 0..<(Value.bitWidth + 63) / 64 {
                distance = distance << 64 | Value.Magnitude(try limb.draw(&draw))
            }
            // Beyond the range there is nothing; what lies there wraps round into it.
            if room < .max { distance %= room + 1 }
            let offset = Value(truncatingIfNeeded: distance)
            return isBelow ? nearest &- offset : nearest &+ offset
        }
    }
}

extension Generator where Value == Double {
    /// Finite numbers; natural ones are simplest, then those with few binary digits.
    public static func double(
        in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) -> Generator {
        float(FloatDomain(range))
    }

    /// All numbers, with infinities and NaN among them.
    public static var anyDouble: Generator {
        float(
            FloatDomain(
                -.greatestFiniteMagnitude ... .greatestFiniteMagnitude,
                hasSpecials: true
            )
        )
    }

    private static func float(_ domain: FloatDomain) -> Generator {
        precondition(domain.lower.isFinite && domain.upper.isFinite, "bounds are finite")
        return Generator(label: SpanLabel("float")) { draw throws(CaseStop) in
            FloatCode.double(of: try draw.tape.choose(.float(domain)))
        }
    }
}

extension Generator where Value == Float {
    /// Finite numbers; natural ones are simplest, then those with few binary digits.
    public static func float(
        in range: ClosedRange<Float> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) -> Generator {
        // Rounding keeps the order of numbers, so it never leaves a range with these bounds.
        Generator<Double>.double(in: Double(range.lowerBound)...Double(range.upperBound))
            .map { Float($0) }
    }
}
