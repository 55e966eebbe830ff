// RUN: tt-opt %s | filecheck %s

// Ops that index, scan, sort and sample.

func.func @indexing(%x : tensor<4x6xf32>, %i : tensor<4x2xi32>, %s : tensor<4x2xf32>) {
  %g = "ttir.gather"(%x, %i) <{dim = 1 : i32}> : (tensor<4x6xf32>, tensor<4x2xi32>) -> tensor<4x2xf32>
  %r = "ttir.scatter"(%x, %i, %s) <{dim = 1 : i32, scatter_reduce_type = #ttcore.reduce_type<sum>}> : (tensor<4x6xf32>, tensor<4x2xi32>, tensor<4x2xf32>) -> tensor<4x6xf32>
  %c = "ttir.cumsum"(%x) <{dim = 1 : i64}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %p = "ttir.cumprod"(%x) <{dim = 0 : i64}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %v, %w = "ttir.sort"(%x) <{dim = 0 : si32, descending = true, stable = true}> : (tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xi16>)
  %d, %e = "ttir.sort"(%x) : (tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xi16>)
  %t, %u = "ttir.topk"(%x) {k = 5 : i32} : (tensor<4x6xf32>) -> (tensor<4x5xf32>, tensor<4x5xui16>)
  func.return
}
// CHECK-LABEL: func.func @indexing(%x: tensor<4x6xf32>, %i: tensor<4x2xi32>, %s: tensor<4x2xf32>) {
// CHECK-NEXT:    %g = "ttir.gather"(%x, %i) <{dim = 1 : i32}> : (tensor<4x6xf32>, tensor<4x2xi32>) -> tensor<4x2xf32>
// CHECK-NEXT:    %r = "ttir.scatter"(%x, %i, %s) <{dim = 1 : i32, scatter_reduce_type = #ttcore.reduce_type<sum>}> : (tensor<4x6xf32>, tensor<4x2xi32>, tensor<4x2xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    %c = "ttir.cumsum"(%x) <{dim = 1 : i64}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    %p = "ttir.cumprod"(%x) <{dim = 0 : i64}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    %v, %w = "ttir.sort"(%x) <{dim = 0 : si32, descending = true, stable = true}> : (tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xi16>)
// CHECK-NEXT:    %d, %e = "ttir.sort"(%x) <{dim = -1 : si32, descending = false, stable = false}> : (tensor<4x6xf32>) -> (tensor<4x6xf32>, tensor<4x6xi16>)
// CHECK-NEXT:    %t, %u = "ttir.topk"(%x) <{k = 5 : i32, dim = -1 : i32, largest = true, sorted = false}> : (tensor<4x6xf32>) -> (tensor<4x5xf32>, tensor<4x5xui16>)
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @tables(%x : tensor<4x6xbf16>, %i : tensor<4x6xi32>, %k : tensor<4xui32>, %p : tensor<4xbf16>, %w : tensor<9x3xbf16>, %g : tensor<24x3xbf16>) {
  %s = "ttir.sampling"(%x, %i, %k, %p, %p) <{seed = 7 : ui32}> : (tensor<4x6xbf16>, tensor<4x6xi32>, tensor<4xui32>, tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xi32>
  %b = "ttir.embedding_backward"(%i, %w, %g) : (tensor<4x6xi32>, tensor<9x3xbf16>, tensor<24x3xbf16>) -> tensor<9x3xbf16>
  func.return
}
// CHECK-LABEL: func.func @tables(%x: tensor<4x6xbf16>, %i: tensor<4x6xi32>, %k: tensor<4xui32>, %p: tensor<4xbf16>, %w: tensor<9x3xbf16>, %g: tensor<24x3xbf16>) {
// CHECK-NEXT:    %s = "ttir.sampling"(%x, %i, %k, %p, %p) <{seed = 7 : ui32}> : (tensor<4x6xbf16>, tensor<4x6xi32>, tensor<4xui32>, tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xi32>
// CHECK-NEXT:    %b = "ttir.embedding_backward"(%i, %w, %g) : (tensor<4x6xi32>, tensor<9x3xbf16>, tensor<24x3xbf16>) -> tensor<9x3xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
