extension Generator {
    /// Often draws again what the case drew before, so that names and keys collide.
    ///
    /// A repetition is the same choices a second time: it is made simpler together with the
    /// first, or apart from it, like anything else.
    ///
    /// - Parameter percent: How often a value is one of those that came before.
    /// - Returns: A generator of the same values.
    public func repeating(percent: Int = 25) -> Generator {
        let label = SpanLabel("repeating").of(label)
        return Generator(label: label) { draw throws(CaseStop) in
            try draw.tape.repeatingEarlier(label, percent: percent) { () throws(CaseStop) in
                try self.draw(&draw)
            }
        }
    }
}
