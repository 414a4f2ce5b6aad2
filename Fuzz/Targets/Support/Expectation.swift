/// Ends the process, which libFuzzer takes for a finding, unless something holds.
func expect(_ isTrue: Bool, _ otherwise: @autoclosure () -> String) {
    if !isTrue { fatalError(otherwise()) }
}
