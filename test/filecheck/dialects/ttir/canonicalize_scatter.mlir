// RUN: tt-opt %s -p canonicalize | filecheck %s

// Scatters.

// Nothing put into a tensor leaves it as it is.
func.func @empty(%x : tensor<32x32xf32>, %i : tensor<0x32xi32>, %s : tensor<0x32xf32>) -> (tensor<32x32xf32>) {
  %a = "ttir.scatter"(%x, %i, %s) <{dim = 0 : i32, scatter_reduce_type = #ttcore.reduce_type<invalid>}> : (tensor<32x32xf32>, tensor<0x32xi32>, tensor<0x32xf32>) -> tensor<32x32xf32>
  func.return %a : tensor<32x32xf32>
}
// CHECK-LABEL: func.func @empty(%x: tensor<32x32xf32>, %i: tensor<0x32xi32>, %s: tensor<0x32xf32>) -> tensor<32x32xf32> {
// CHECK-NEXT:    func.return %x : tensor<32x32xf32>
// CHECK-NEXT:  }

func.func @not_empty(%x : tensor<32x32xf32>, %i : tensor<16x32xi32>, %s : tensor<16x32xf32>) -> (tensor<32x32xf32>) {
  %a = "ttir.scatter"(%x, %i, %s) <{dim = 0 : i32, scatter_reduce_type = #ttcore.reduce_type<sum>}> : (tensor<32x32xf32>, tensor<16x32xi32>, tensor<16x32xf32>) -> tensor<32x32xf32>
  func.return %a : tensor<32x32xf32>
}
// CHECK-LABEL: func.func @not_empty(%x: tensor<32x32xf32>, %i: tensor<16x32xi32>, %s: tensor<16x32xf32>) -> tensor<32x32xf32> {
// CHECK-NEXT:    %a = "ttir.scatter"(%x, %i, %s) <{dim = 0 : i32, scatter_reduce_type = #ttcore.reduce_type<sum>}> : (tensor<32x32xf32>, tensor<16x32xi32>, tensor<16x32xf32>) -> tensor<32x32xf32>
// CHECK-NEXT:    func.return %a : tensor<32x32xf32>
// CHECK-NEXT:  }
