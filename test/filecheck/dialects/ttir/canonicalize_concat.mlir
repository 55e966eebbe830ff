// RUN: tt-opt %s -p canonicalize | filecheck %s

// Concatenations.

// Tensors without elements add nothing.
func.func @empty_operands(%x : tensor<2x3xf32>, %e : tensor<2x0xf32>, %y : tensor<2x4xf32>) -> (tensor<2x7xf32>, tensor<2x3xf32>, tensor<2x0xf32>) {
  %a = "ttir.concat"(%e, %x, %e, %y) <{dim = -1 : si32}> : (tensor<2x0xf32>, tensor<2x3xf32>, tensor<2x0xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  %b = "ttir.concat"(%x, %e) <{dim = 1 : si32}> : (tensor<2x3xf32>, tensor<2x0xf32>) -> tensor<2x3xf32>
  %c = "ttir.concat"(%e, %e) <{dim = 1 : si32}> : (tensor<2x0xf32>, tensor<2x0xf32>) -> tensor<2x0xf32>
  func.return %a, %b, %c : tensor<2x7xf32>, tensor<2x3xf32>, tensor<2x0xf32>
}
// CHECK-LABEL: func.func @empty_operands(%x: tensor<2x3xf32>, %e: tensor<2x0xf32>, %y: tensor<2x4xf32>) -> (tensor<2x7xf32>, tensor<2x3xf32>, tensor<2x0xf32>) {
// CHECK-NEXT:    %a = "ttir.concat"(%x, %y) <{dim = 1 : si32}> : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
// CHECK-NEXT:    func.return %a, %x, %e : tensor<2x7xf32>, tensor<2x3xf32>, tensor<2x0xf32>
// CHECK-NEXT:  }

// One tensor alone is its own concatenation, unless the type changes.
func.func @one_operand(%x : tensor<2xf32>) -> (tensor<2xf32>, tensor<2xbf16>) {
  %a = "ttir.concat"(%x) <{dim = 0 : si32}> : (tensor<2xf32>) -> tensor<2xf32>
  %b = "ttir.concat"(%x) <{dim = 0 : si32}> : (tensor<2xf32>) -> tensor<2xbf16>
  func.return %a, %b : tensor<2xf32>, tensor<2xbf16>
}
// CHECK-LABEL: func.func @one_operand(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xbf16>) {
// CHECK-NEXT:    %b = "ttir.concat"(%x) <{dim = 0 : si32}> : (tensor<2xf32>) -> tensor<2xbf16>
// CHECK-NEXT:    func.return %x, %b : tensor<2xf32>, tensor<2xbf16>
// CHECK-NEXT:  }
