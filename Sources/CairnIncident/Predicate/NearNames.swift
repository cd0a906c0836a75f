/// Finds the names that someone who mistyped one may have meant.
enum NearNames {
    /// The names nearest to a word, best first: those that start with it, and those that at most
    /// a third of its letters separate from it.
    static func of(_ word: String, among names: [String], countMax: Int = 3) -> [String] {
        let word = Array(word.lowercased().utf8)
        guard !word.isEmpty, word.count <= 64 else { return [] }
        let rated = names.compactMap { name -> (name: String, distance: Int)? in
            let letters = Array(name.lowercased().utf8)
            if letters.starts(with: word) { return (name, 0) }
            let distance = distance(word, letters)
            return distance <= max(1, word.count / 3) ? (name, distance) : nil
        }
        let sorted = rated.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return sorted.prefix(countMax).map(\.name)
    }

    /// How many letters must be added, taken away or changed to turn one word into the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
