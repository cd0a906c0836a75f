extension Array where Element == UInt64 {
    /// The nearest-rank quantile, or 0 of nothing.
    ///
    /// - Complexity: O(*n* log *n*).
    func quantile(_ quantile: Double) -> UInt64 {
        sorted().quantileOfSorted(quantile)
    }

    /// The same of elements that are in order already.
    func quantileOfSorted(_ quantile: Double) -> UInt64 {
        guard !isEmpty else { return 0 }
        let rank = Int((quantile * Double(count)).rounded(.up))
        return self[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}

extension Array where Element == Double {
    /// The middle element, or the mean of the two middle ones; 0 of nothing.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        let middle = count / 2
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Half the range as a fraction of the median: how far the repeats disagreed.
    var relativeHalfRange: Double {
        guard let least = self.min(), let greatest = self.max(), median > 0 else { return 0 }
        return (greatest - least) / 2 / median
    }
}
