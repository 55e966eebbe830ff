// RUN: tt-opt %s -p canonicalize | filecheck %s

// Running sums and products.

// One element is its own sum and product.
func.func @of_one(%x : tensor<2x1xf32>) -> (tensor<2x1xf32>) {
  %a = "ttir.cumsum"(%x) <{dim = 1 : i64}> : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %b = "ttir.cumprod"(%a) <{dim = -1 : i64}> : (tensor<2x1xf32>) -> tensor<2x1xf32>
  func.return %b : tensor<2x1xf32>
}
// CHECK-LABEL: func.func @of_one(%x: tensor<2x1xf32>) -> tensor<2x1xf32> {
// CHECK-NEXT:    func.return %x : tensor<2x1xf32>
// CHECK-NEXT:  }

// Dimensions count from the front.
func.func @counted_from_back(%x : tensor<2x3xf32>) -> (tensor<2x3xf32>) {
  %a = "ttir.cumsum"(%x) <{dim = -1 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = "ttir.cumprod"(%a) <{dim = -2 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %b : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @counted_from_back(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT:    %a = "ttir.cumsum"(%x) <{dim = 1 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %b = "ttir.cumprod"(%a) <{dim = 0 : i64}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    func.return %b : tensor<2x3xf32>
// CHECK-NEXT:  }
