/// Finds values by their rank without sorting, in time that no input can make longer.
enum RankSelection {
    private static let sortedCountMax = 4_096

    /// The value that `PERCENTILE_CONT` gives over numbers, computed as PostgreSQL does.
    ///
    /// Interpolated between the two nearest ranks in double precision; nil for no numbers.
    static func continuousPercentile(_ fraction: Double, of values: [Int64]) -> Double? {
        guard !values.isEmpty else { return nil }
        let place = fraction * Double(values.count - 1)
        let lowerRank = Int(place.rounded(.down))
        let upperRank = Int(place.rounded(.up))
        let lower = Double(value(atRank: lowerRank, of: values))
        guard upperRank != lowerRank else { return lower }
        let upper = Double(value(atRank: upperRank, of: values))
        return lower + (place - Double(lowerRank)) * (upper - lower)
    }

    /// The value that would stand at an index if the values were sorted.
    ///
    /// Narrows the candidates digit by digit in base 65,536, starting at the highest.
    ///
    /// - Precondition: The rank is an index of the values.
    /// - Complexity: Linear in the number of values.
    static func value(atRank rank: Int, of values: [Int64]) -> Int64 {
        // Few values are sorted sooner than the counts of 65,536 digits are cleared.
        guard values.count > sortedCountMax else { return values.sorted()[rank] }
        var candidates = values.map { UInt64(bitPattern: $0) ^ (1 << 63) }
        var rank = rank
        for shift: UInt64 in [48, 32, 16, 0] where candidates.count > 1 {
            var counts = [Int](repeating: 0, count: 1 << 16)
            for value in candidates { counts[Int((value >> shift) & 0xFFFF)] += 1 }
            var digit = 0
            while rank >= counts[digit] {
                rank -= counts[digit]
                digit += 1
            }
            guard counts[digit] < candidates.count else { continue }
            candidates.removeAll { Int(($0 >> shift) & 0xFFFF) != digit }
        }
        return Int64(bitPattern: candidates[0] ^ (1 << 63))
    }
}
