// RUN: tt-opt %s -p canonicalize | filecheck %s

// Functions of which a second one changes nothing, or undoes the first.

func.func @idempotent(%x : tensor<4xf32>) -> (tensor<4xf32>) {
  %a = "ttir.trunc"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.trunc"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %c = "ttir.relu6"(%b) : (tensor<4xf32>) -> tensor<4xf32>
  %d = "ttir.relu6"(%c) : (tensor<4xf32>) -> tensor<4xf32>
  %e = "ttir.sign"(%d) : (tensor<4xf32>) -> tensor<4xf32>
  %f = "ttir.sign"(%e) : (tensor<4xf32>) -> tensor<4xf32>
  %g = "ttir.ceil"(%f) : (tensor<4xf32>) -> tensor<4xf32>
  %h = "ttir.ceil"(%g) : (tensor<4xf32>) -> tensor<4xf32>
  %i = "ttir.floor"(%h) : (tensor<4xf32>) -> tensor<4xf32>
  %j = "ttir.floor"(%i) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %j : tensor<4xf32>
}
// CHECK-LABEL: func.func @idempotent(%x: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:    %a = "ttir.trunc"(%x) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %c = "ttir.relu6"(%a) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %e = "ttir.sign"(%c) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %g = "ttir.ceil"(%e) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %i = "ttir.floor"(%g) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %i : tensor<4xf32>
// CHECK-NEXT:  }

func.func @involution(%x : tensor<4xi32>) -> (tensor<4xi32>) {
  %a = "ttir.bitwise_not"(%x) : (tensor<4xi32>) -> tensor<4xi32>
  %b = "ttir.bitwise_not"(%a) : (tensor<4xi32>) -> tensor<4xi32>
  %c = "ttir.neg"(%b) : (tensor<4xi32>) -> tensor<4xi32>
  %d = "ttir.neg"(%c) : (tensor<4xi32>) -> tensor<4xi32>
  func.return %d : tensor<4xi32>
}
// CHECK-LABEL: func.func @involution(%x: tensor<4xi32>) -> tensor<4xi32> {
// CHECK-NEXT:    func.return %x : tensor<4xi32>
// CHECK-NEXT:  }

// A reciprocal is rounded, and that of a number below 2^-128 is infinite.
func.func @reciprocal(%x : tensor<4xf32>) -> (tensor<4xf32>) {
  %a = "ttir.reciprocal"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.reciprocal"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %b : tensor<4xf32>
}
// CHECK-LABEL: func.func @reciprocal(%x: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:    %a = "ttir.reciprocal"(%x) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.reciprocal"(%a) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %b : tensor<4xf32>
// CHECK-NEXT:  }

// Another type between them may not hold the numbers.
func.func @types(%x : tensor<4xf32>) -> (tensor<4xf32>) {
  %a = "ttir.relu"(%x) : (tensor<4xf32>) -> tensor<4xbf16>
  %b = "ttir.relu"(%a) : (tensor<4xbf16>) -> tensor<4xf32>
  func.return %b : tensor<4xf32>
}
// CHECK-LABEL: func.func @types(%x: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:    %a = "ttir.relu"(%x) : (tensor<4xf32>) -> tensor<4xbf16>
// CHECK-NEXT:    %b = "ttir.relu"(%a) : (tensor<4xbf16>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %b : tensor<4xf32>
// CHECK-NEXT:  }
