// RUN: tt-opt %s -p canonicalize | filecheck %s

// Extents that are in the type are numbers.

func.func @known(%x : tensor<?x3xf32>) -> (tensor<1xui32>, tensor<i64>, tensor<1xui32>) {
  %a = "ttir.get_dimension_size"(%x) <{dimension = 1 : i32}> : (tensor<?x3xf32>) -> tensor<1xui32>
  %b = "ttir.get_dimension_size"(%x) <{dimension = 1 : i32}> : (tensor<?x3xf32>) -> tensor<i64>
  %c = "ttir.get_dimension_size"(%x) <{dimension = 0 : i32}> : (tensor<?x3xf32>) -> tensor<1xui32>
  func.return %a, %b, %c : tensor<1xui32>, tensor<i64>, tensor<1xui32>
}
// CHECK-LABEL: func.func @known(%x: tensor<?x3xf32>) -> (tensor<1xui32>, tensor<i64>, tensor<1xui32>) {
// CHECK-NEXT:    %a = "ttir.full"() <{fill_value = 3 : i32, shape = array<i32: 1>}> : () -> tensor<1xui32>
// CHECK-NEXT:    %b = "ttir.full"() <{fill_value = 3 : i32, shape = array<i32>}> : () -> tensor<i64>
// CHECK-NEXT:    %c = "ttir.get_dimension_size"(%x) <{dimension = 0 : i32}> : (tensor<?x3xf32>) -> tensor<1xui32>
// CHECK-NEXT:    func.return %a, %b, %c : tensor<1xui32>, tensor<i64>, tensor<1xui32>
// CHECK-NEXT:  }
